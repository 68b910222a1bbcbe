#!/bin/sh
# In place of OpenBLAS, which is 24 MB tuned for every processor and which the server never calls: the reference BLAS and
# LAPACK of Debian, no more of them than NumPy asks for, under the names by which it asks. Linear algebra stays right and
# becomes slower. Where they would print and stop on a wrong argument (xerbla), this aborts; NumPy checks before it calls.
# Where it cannot be done, one line says why, OpenBLAS stays as it was, and the build goes on.
set -eu
linked='libblas64-dev liblapack64-dev libgfortran-12-dev'
cd "$(mktemp -d)"

end() {
  [ $? -ne 0 ] || exit 0
  [ ! -e original ] || cp original "$openblas"
  echo "replace_openblas.sh: OpenBLAS is kept (23 MB): $why${1:+ ($1)}"
  exit 0
}
exec 2> errors
trap 'end "$(tail -n 1 errors)"' EXIT

why='expected NumPy with one OpenBLAS of 64-bit integers beside it'
numpy=$(python -c 'import sysconfig; print(sysconfig.get_path("platlib"))')/numpy
openblas=$(ls "$numpy".libs/*openblas64_*.so)
[ -f "$openblas" ]
why='expected extensions of NumPy that ask for scipy_…64_'
find "$numpy" -name '*.so' -exec nm -D --undefined-only {} + | grep -o 'scipy_.*64_$' | sort -u > wanted
[ -s wanted ]

why="expected the packages $linked"
system=/usr/lib/$(uname -m)-linux-gnu
fortran=$(ls "/usr/lib/gcc/$(uname -m)-linux-gnu"/*/libgfortran.a)
for file in "$fortran" "$system/liblapack64_pic.a" "$system/blas64/libblas64.a"; do [ -f "$file" ]; done

why='the reference BLAS and LAPACK could not be linked in its place'
sed -E 's/^scipy_(.*)64_$/\1 &/' wanted > names
{ echo '{ global:'; sed 's/$/;/' wanted; echo 'local: *; };'; } > exported
objcopy --redefine-syms names --redefine-sym xerbla_=abort "$system/liblapack64_pic.a" lapack.a
objcopy --redefine-syms names --redefine-sym xerbla_=abort "$system/blas64/libblas64.a" blas.a
objcopy --redefine-sym cblas_xerbla=abort blas.a
ar d lapack.a xerbla.o xerbla_array.o
ar d blas.a xerbla.o cblas_xerbla.o
ar x "$fortran" string_intrinsics.o pow_r4_i8.o pow_r8_i8.o
ld -shared -soname "$(basename "$openblas")" -o replacement --version-script exported $(sed 's/^/-u /' wanted) \
  --gc-sections --no-undefined -Bsymbolic -z noexecstack --strip-all \
  lapack.a blas.a string_intrinsics.o pow_r4_i8.o pow_r8_i8.o "$system/libm.so.6" "$system/libc.so.6" \
  "$(dirname "$fortran")/libgcc.a"

why='with the reference BLAS and LAPACK NumPy gave wrong answers'
cp "$openblas" original
cp replacement "$openblas"
python - << 'EOF'
import numpy as np

a = np.random.default_rng(0).normal(size=(99, 99)) + 0j
one = np.eye(99)
assert np.allclose(np.linalg.inv(a) @ a, one) and np.allclose(np.linalg.solve(a.real, a.real), one)
u, s, v = np.linalg.svd(a)
assert np.allclose(u * s @ v, a) and np.allclose(np.linalg.lstsq(a, a)[0], one)
w, x = np.linalg.eig(a)
assert np.allclose(a @ x, x * w) and np.allclose(np.vdot(a, a), (s**2).sum())
EOF
# Whoever lists what the image holds reads here which packages are in it.
echo "$linked" > "$numpy.libs/linked-from-debian"
