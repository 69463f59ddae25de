/* Loaded before libc: simulates a file system without hard links, by its errno. */
#include <errno.h>

int link(const char *from, const char *to) {
  errno = NOLINK_ERRNO;
  return -1;
}

int linkat(int a, const char *from, int b, const char *to, int flags) {
  errno = NOLINK_ERRNO;
  return -1;
}
