/* Classify the rows of a CSV with onnxruntime's C API: ./classify rows.csv ecg.onnx */
#define _GNU_SOURCE
#include <onnxruntime_c_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CLASSES = 256 };

struct classifier {
  OrtSession *session;
  OrtMemoryInfo *memory;
  int64_t features;
  char *names[MOST_CLASSES];
};

static const OrtApi *ort;

static void require(OrtStatus *status) {
  if (!status) return;
  fprintf(stderr, "classify: %s\n", ort->GetErrorMessage(status));
  exit(1);
}

/* A row of n numbers and no more; ends the program if the line is something else. */
static void read_row(char *line, float *row, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    char *end;
    row[i] = strtof(line, &end);
    if (end == line || (i + 1 < n ? *end != ',' : *end > ' ')) {
      fprintf(stderr, "classify: expected lines of %ld numbers and no header\n", (long)n);
      exit(2);
    }
    line = end + 1;
  }
}

/* The names of the classes, from the JSON that the file carries under the key "ecg"; names with a quote in them are not for this. */
static void read_names(struct classifier *c, OrtAllocator *allocator) {
  OrtModelMetadata *metadata;
  char *json = NULL;
  require(ort->SessionGetModelMetadata(c->session, &metadata));
  require(ort->ModelMetadataLookupCustomMetadataMap(metadata, allocator, "ecg", &json));
  char *list = json ? strstr(json, "\"classes\": [") : NULL;
  if (!list) require(ort->CreateStatus(ORT_FAIL, "expected a file made by python -m export"));
  strtok(list, "[");
  int count = 0;
  for (char *name = strtok(NULL, "\""); name && *name != ']' && count < MOST_CLASSES - 1; name = strtok(NULL, "\""))
    if (*name != ',') c->names[count++] = name;
}

struct classifier load(const char *file) {
  struct classifier c = {0};
  OrtEnv *env;
  OrtSessionOptions *options;
  OrtAllocator *allocator;
  OrtTypeInfo *type;
  const OrtTensorTypeAndShapeInfo *tensor;
  int64_t shape[2];
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  ort = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  require(ort->CreateEnv(ORT_LOGGING_LEVEL_ERROR, "ecg", &env));
  require(ort->CreateSessionOptions(&options));
  require(ort->SetIntraOpNumThreads(options, 1));
  require(ort->CreateSession(env, file, options, &c.session));
  require(ort->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &c.memory));
  require(ort->SessionGetInputTypeInfo(c.session, 0, &type));
  require(ort->CastTypeInfoToTensorInfo(type, &tensor));
  require(ort->GetDimensions(tensor, shape, 2));
  require(ort->GetAllocatorWithDefaultOptions(&allocator));
  read_names(&c, allocator);
  c.features = shape[1];
  return c;
}

/* Class and probability of each row; `rows` holds one after the other. */
void answer(struct classifier *c, float *rows, int64_t count, int32_t *predicted_class, float *probability) {
  const char *inputs[] = {"features"}, *outputs[] = {"predicted_class", "probability"};
  OrtValue *features, *values[2] = {NULL};
  void *data[2];
  int64_t shape[] = {count, c->features};
  size_t bytes = count * c->features * sizeof *rows;
  require(ort->CreateTensorWithDataAsOrtValue(c->memory, rows, bytes, shape, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &features));
  require(ort->Run(c->session, NULL, inputs, (const OrtValue *const[]){features}, 1, outputs, 2, values));
  for (int i = 0; i < 2; i++) require(ort->GetTensorMutableData(values[i], &data[i]));
  memcpy(predicted_class, data[0], count * sizeof *predicted_class);
  memcpy(probability, data[1], count * sizeof *probability);
  ort->ReleaseValue(values[0]);
  ort->ReleaseValue(values[1]);
  ort->ReleaseValue(features);
}

#ifndef WITHOUT_MAIN
int main(int argc, char **argv) {
  FILE *file = argc == 3 ? fopen(argv[1], "r") : NULL;
  if (!file) return fprintf(stderr, "classify: expected ./classify rows.csv ecg.onnx, and that the rows can be read\n"), 2;
  struct classifier c = load(argv[2]);
  float *row = malloc(c.features * sizeof *row), probability;
  int32_t predicted_class;
  char *line = NULL;
  for (size_t size = 0; getline(&line, &size, file) > 0;) {
    read_row(line, row, c.features);
    answer(&c, row, 1, &predicted_class, &probability);
    printf("%d,%s,%.9g\n", predicted_class, c.names[predicted_class], probability);
  }
}
#endif
