/*
 * A CUDA of one device whose memory is the host's, for tests without a GPU: one library under the names of all. FAKE_CUDA_FREE
 * names a file with the number of free bytes of memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cudaGetDeviceCount(int *count) {
  const char *visible = getenv("CUDA_VISIBLE_DEVICES");
  *count = visible == NULL || *visible != '\0';
  return *count == 0 ? 100 : 0;
}

const char *cudaGetErrorString(int code) { return code == 100 ? "no CUDA-capable device is detected" : "unknown error"; }

int cudaDeviceGetAttribute(int *value, int attribute, int device) {
  *value = attribute == 75 ? 9 : 0; /* compute capability 9.0 */
  return device;
}

int cudaDriverGetVersion(int *version) { return *version = 13000, 0; }
int cudaRuntimeGetVersion(int *version) { return *version = 12050, 0; }
int cudaMalloc(void **pointer, size_t size) { return (*pointer = malloc(size)) == NULL; }
int cudaMemcpy(void *to, const void *from, size_t size, int kind) { return memcpy(to, from, size), kind != 1 && kind != 2; }

int cudaMemGetInfo(size_t *free, size_t *total) {
  FILE *file = fopen(getenv("FAKE_CUDA_FREE"), "r");
  *total = (size_t)80 << 30;
  if (file == NULL || fscanf(file, "%zu", free) != 1) return 1;
  return fclose(file);
}

int cublasCreate_v2(void **handle) { return *handle = malloc(1), 0; }
int cublasGetVersion_v2(void *handle, int *version) { return *version = 130400, handle == NULL; }

/* c = alpha a b + beta c, by columns. FAKE_CUDA_WRONG: it forgets the last term, as TF32 or a wrong layout would change some. */
int cublasSgemm_v2(void *handle, int ta, int tb, int m, int n, int k, const float *alpha, const float *a, int lda, const float *b, int ldb,
                   const float *beta, float *c, int ldc) {
  int terms = getenv("FAKE_CUDA_WRONG") ? k - 1 : k;
  for (int column = 0; column < n; column++)
    for (int row = 0; row < m; row++) {
      float sum = 0;
      for (int i = 0; i < terms; i++) sum += a[row + i * lda] * b[i + column * ldb];
      c[row + column * ldc] = *alpha * sum + (*beta == 0 ? 0 : *beta * c[row + column * ldc]);
    }
  return handle == NULL || ta || tb;
}

int cudnnCreate(void **handle) { return *handle = malloc(1), 0; }
size_t cudnnGetVersion(void) { return 91500; }
const char *cudnnGetErrorString(int status) { return status ? "failed" : "success"; }
