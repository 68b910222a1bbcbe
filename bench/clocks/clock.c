/* clock ROWS.f32 SECONDS ecg.onnx: microseconds a row that embed/onnxruntime-c takes, alone and of all. */
#define WITHOUT_MAIN
#include "../../embed/onnxruntime-c/classify.c"
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static double microseconds(struct classifier *c, float *rows, int64_t count, int64_t batch, double seconds) {
  int32_t *classes = malloc(batch * sizeof *classes);
  float *probabilities = malloc(batch * sizeof *probabilities);
  double began = now();
  int64_t done = 0;
  for (; now() - began < seconds || done < 2 * batch; done += batch)
    answer(c, rows + done % count * c->features, batch, classes, probabilities);
  return (now() - began) / done * 1e6;
}

int main(int argc, char **argv) {
  FILE *file = argc == 4 ? fopen(argv[1], "rb") : NULL;
  if (!file) return 2;
  struct classifier c = load(argv[3]);
  fseek(file, 0, SEEK_END);
  int64_t count = ftell(file) / (c.features * sizeof(float));
  float *rows = malloc(count * c.features * sizeof *rows);
  rewind(file);
  if (fread(rows, sizeof *rows, count * c.features, file) != (size_t)(count * c.features)) return 2;
  printf("%f ", microseconds(&c, rows, count, 1, atof(argv[2])));
  printf("%f\n", microseconds(&c, rows, count, count, atof(argv[2])));
}
