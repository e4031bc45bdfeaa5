// Stands between a process and the C library: counts, logs and fails what it does to the files below one folder.
//
//   FAULT_ROOT  the folder
//   FAULT_LOG   a file that hears of every operation: sequence, operation, name, count, path, second path, descriptor, offset, bytes, place of
//               the bytes in FAULT_DATA, flags, errno; tab-separated. `struck` in place of the sequence: the one that failed.
//   FAULT_DATA  a file that gets the bytes of every write
//   FAULT_OP, FAULT_NAME, FAULT_COUNT   the operation to fail: what is done, to which name, for the how many-th time
//   FAULT_KIND  EIO, ENOSPC, EACCES, EINTR; short (half of a write); full (ENOSPC from there on); kill (SIGKILL before it)
//
// A process that does one thing after the other opens /fault/begin before each: what stands in the environment then counts from there on.
//
// A name is a path below the folder whose numbers, hashes and random parts are `#`, so that it is the same in every process.
#define _GNU_SOURCE
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { descriptors = 4096, counters = 8192, longest = 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char root[PATH_MAX];
static size_t root_length;
static int log_file = -1, data_file = -1;
static long data_bytes, sequence;
static const char *fault_op, *fault_name, *fault_kind;
static long fault_count;
static int is_full;
static char *open_paths[descriptors];
static struct { char *key; long count; } counted[counters];

/** The C library's `syscall`, past the one below. */
static long (*found_syscall)(long, ...);
static long (*find_syscall(void))(long, ...) {
  *(void **)&found_syscall = dlsym(RTLD_NEXT, "syscall");
  return found_syscall;
}
#define raw (found_syscall ? found_syscall : find_syscall())

static int plain_open(const char *path, int flags, mode_t mode) { return (int)raw(SYS_openat, AT_FDCWD, path, flags, mode); }

static void begin(void) {
  const char *found = getenv("FAULT_ROOT");
  if (!found) return;
  snprintf(root, sizeof root, "%s", found);
  root_length = strlen(root);
  if (getenv("FAULT_LOG")) log_file = plain_open(getenv("FAULT_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (getenv("FAULT_DATA")) data_file = plain_open(getenv("FAULT_DATA"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  fault_op = getenv("FAULT_OP");
  fault_name = getenv("FAULT_NAME");
  fault_kind = getenv("FAULT_KIND");
  fault_count = getenv("FAULT_COUNT") ? atol(getenv("FAULT_COUNT")) : 0;
}

/** The absolute path where it is below the root; else false. */
static int below(int folder, const char *path, char *absolute) {
  pthread_once(&once, begin);
  if (!root_length || !path) return 0;
  if (path[0] == '/') snprintf(absolute, PATH_MAX, "%s", path);
  else {
    char here[PATH_MAX] = "";
    if (folder == AT_FDCWD) { if (!getcwd(here, sizeof here)) return 0; }
    else if (folder >= 0 && folder < descriptors && open_paths[folder]) snprintf(here, sizeof here, "%s", open_paths[folder]);
    else return 0;
    if (snprintf(absolute, PATH_MAX, "%s/%s", here, path) >= PATH_MAX) return 0;
  }
  return strncmp(absolute, root, root_length) == 0 && (absolute[root_length] == '/' || absolute[root_length] == 0);
}

static int is_random(const char *token, size_t length, char after, int follows_random) {
  size_t digits = 0, hex = 0, upper = 0;
  for (size_t i = 0; i < length; i++) {
    digits += isdigit((unsigned char)token[i]) != 0;
    hex += isxdigit((unsigned char)token[i]) != 0;
    upper += isupper((unsigned char)token[i]) != 0;
  }
  if (digits == length) return length >= 3 || (follows_random && after == 0); // of a process, and how many files it has written
  if (hex == length && length >= 8) return 1;
  return length == 6 && (digits || upper) && (after == 0 || after == '/'); // of mkdtemp
}

static int is_uuid(const char *text) {
  for (int i = 0; i < 36; i++) {
    int dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i])) return 0;
  }
  return 1;
}

static void name_of(const char *absolute, char *name) {
  const char *from = absolute + root_length;
  if (*from == '/') from++;
  size_t to = 0;
  while (*from && to + 2 < longest) {
    if (is_uuid(from)) { name[to++] = '#'; from += 36; continue; }
    if (!isalnum((unsigned char)*from)) { name[to++] = *from++; continue; }
    size_t length = 0;
    while (isalnum((unsigned char)from[length])) length++;
    int follows_random = to > 1 && name[to - 1] == '-' && name[to - 2] == '#';
    if (is_random(from, length, from[length], follows_random)) name[to++] = '#';
    else for (size_t i = 0; i < length && to + 2 < longest; i++) name[to++] = from[i];
    from += length;
  }
  name[to] = 0;
}

static long count_of(const char *op, const char *name) {
  char key[longest + 32];
  snprintf(key, sizeof key, "%s %s", op, name);
  for (int i = 0; i < counters; i++) {
    if (!counted[i].key) counted[i].key = strdup(key);
    if (strcmp(counted[i].key, key) == 0) return ++counted[i].count;
  }
  return -1;
}

/** One operation: what happens to it. */
struct deed { char line[2 * PATH_MAX + longest + 256]; const char *op; int fails; int halves; };

/** Takes the lock; keeps it until `done`. */
static void prepare(struct deed *deed, const char *op, const char *path, const char *second, int fd, long offset, size_t bytes, int flags) {
  pthread_mutex_lock(&lock);
  char name[longest];
  name_of(path, name);
  long count = count_of(op, name);
  *deed = (struct deed){.op = op};
  snprintf(deed->line, sizeof deed->line, "%s\t%s\t%ld\t%s\t%s\t%d\t%ld\t%zu\t%ld\t%d", op, name, count, path, second, fd, offset, bytes, data_bytes, flags);
  int takes_room = !strcmp(op, "write") || !strcmp(op, "mkdir") || !strcmp(op, "symlink") || !strcmp(op, "link") ||
    !strcmp(op, "fallocate") || (!strcmp(op, "open") && (flags & O_CREAT));
  if (is_full && takes_room) { deed->fails = ENOSPC; return; }
  if (!fault_kind || count != fault_count || strcmp(op, fault_op) || strcmp(name, fault_name)) return;
  if (log_file >= 0) dprintf(log_file, "struck\t%s\t%s\n", deed->line, fault_kind);
  if (!strcmp(fault_kind, "kill")) { kill(getpid(), SIGKILL); for (;;) pause(); }
  if (!strcmp(fault_kind, "short")) deed->halves = 1;
  else if (!strcmp(fault_kind, "full")) { is_full = 1; deed->fails = ENOSPC; }
  else deed->fails = !strcmp(fault_kind, "EIO") ? EIO : !strcmp(fault_kind, "ENOSPC") ? ENOSPC : !strcmp(fault_kind, "EACCES") ? EACCES : EINTR;
}

static long done(struct deed *deed, long result) {
  int failure = deed->fails ? deed->fails : result < 0 ? errno : 0;
  if (log_file >= 0) dprintf(log_file, "%ld\t%s\t%d\t%ld\n", sequence++, deed->line, failure, deed->fails ? -1 : result);
  pthread_mutex_unlock(&lock);
  if (failure) errno = failure;
  return deed->fails ? -1 : result;
}

static long on_path(const char *op, int folder, const char *path, const char *second, int flags, long (*work)(void *), void *with) {
  char absolute[PATH_MAX];
  if (!below(folder, path, absolute)) return work(with);
  struct deed deed;
  prepare(&deed, op, absolute, second, -1, 0, 0, flags);
  return done(&deed, deed.fails ? -1 : work(with));
}

static const char *path_of(int fd) { return root_length && fd >= 0 && fd < descriptors ? open_paths[fd] : NULL; }

static long on_file(const char *op, int fd, long offset, size_t bytes, long (*work)(void *), void *with) {
  const char *path = path_of(fd);
  if (!path) return work(with);
  struct deed deed;
  prepare(&deed, op, path, "", fd, offset, bytes, 0);
  return done(&deed, deed.fails ? -1 : work(with));
}

static void begin_again(void) {
  pthread_mutex_lock(&lock);
  if (log_file >= 0) raw(SYS_close, log_file);
  if (data_file >= 0) raw(SYS_close, data_file);
  log_file = data_file = -1;
  data_bytes = sequence = is_full = 0;
  for (int i = 0; i < counters; i++) { free(counted[i].key); counted[i].key = NULL; counted[i].count = 0; }
  begin();
  pthread_mutex_unlock(&lock);
}

// open
static int open_at(int folder, const char *path, int flags, mode_t mode) {
  char absolute[PATH_MAX];
  if (path && !strcmp(path, "/fault/begin")) begin_again();
  if (!below(folder, path, absolute)) return (int)raw(SYS_openat, folder, path, flags, mode);
  struct deed deed;
  prepare(&deed, "open", absolute, "", -1, 0, 0, flags);
  int fd = deed.fails ? -1 : (int)raw(SYS_openat, folder, path, flags, mode);
  if (fd >= 0 && fd < descriptors) { free(open_paths[fd]); open_paths[fd] = strdup(absolute); }
  return (int)done(&deed, fd);
}
#define WITH_MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }
int open(const char *path, int flags, ...) { WITH_MODE return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { WITH_MODE return open_at(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { WITH_MODE return open_at(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { WITH_MODE return open_at(folder, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int fd) {
  if (path_of(fd)) {
    pthread_mutex_lock(&lock);
    if (log_file >= 0) dprintf(log_file, "%ld\tclose\t\t0\t%s\t\t%d\t0\t0\t0\t0\t0\t0\n", sequence++, open_paths[fd], fd);
    free(open_paths[fd]);
    open_paths[fd] = NULL;
    pthread_mutex_unlock(&lock);
  }
  return (int)raw(SYS_close, fd);
}

/** libuv closes files so. */
long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a[6];
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
  va_end(rest);
  return number == SYS_close ? close((int)a[0]) : raw(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

// write
static ssize_t write_vector(int fd, const struct iovec *parts, int count, off_t offset, int is_placed) {
  const char *path = path_of(fd);
  if (!path) return is_placed ? raw(SYS_pwritev, fd, parts, count, offset, 0) : raw(SYS_writev, fd, parts, count);
  size_t bytes = 0;
  for (int i = 0; i < count; i++) bytes += parts[i].iov_len;
  struct stat found;
  int appends = fcntl(fd, F_GETFL) & O_APPEND;
  if (!is_placed) offset = appends && fstat(fd, &found) == 0 ? found.st_size : lseek(fd, 0, SEEK_CUR);
  struct deed deed;
  prepare(&deed, "write", path, "", fd, offset, bytes, 0);
  if (deed.fails) return done(&deed, -1);
  char *all = malloc(bytes + 1);
  size_t at = 0;
  for (int i = 0; i < count; i++) { memcpy(all + at, parts[i].iov_base, parts[i].iov_len); at += parts[i].iov_len; }
  size_t wanted = deed.halves ? (bytes + 1) / 2 : bytes;
  ssize_t written = is_placed ? raw(SYS_pwrite64, fd, all, wanted, offset) : raw(SYS_write, fd, all, wanted);
  if (written > 0 && data_file >= 0 && raw(SYS_write, data_file, all, written) == written) data_bytes += written;
  free(all);
  return done(&deed, written);
}
ssize_t write(int fd, const void *from, size_t bytes) {
  if (!path_of(fd)) return raw(SYS_write, fd, from, bytes);
  struct iovec part = {(void *)from, bytes};
  return write_vector(fd, &part, 1, 0, 0);
}
ssize_t pwrite(int fd, const void *from, size_t bytes, off_t offset) {
  struct iovec part = {(void *)from, bytes};
  return write_vector(fd, &part, 1, offset, 1);
}
ssize_t pwrite64(int fd, const void *from, size_t bytes, off_t offset) { return pwrite(fd, from, bytes, offset); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return write_vector(fd, parts, count, 0, 0); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return write_vector(fd, parts, count, offset, 1); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) { return write_vector(fd, parts, count, offset, 1); }

// what follows hands its arguments on in an array
#define ARGUMENTS(...) long a[] = {__VA_ARGS__}
/** Nothing is brought to the disk: that takes time, and no power is cut here. */
static long sync_work(void *a) { (void)a; return 0; }
int fsync(int fd) { ARGUMENTS(fd); return (int)on_file("fsync", fd, 0, 0, sync_work, a); }
int fdatasync(int fd) { ARGUMENTS(fd); return (int)on_file("fsync", fd, 0, 0, sync_work, a); }
static long truncate_work(void *a) { return raw(SYS_ftruncate, ((long *)a)[0], ((long *)a)[1]); }
int ftruncate(int fd, off_t length) { ARGUMENTS(fd, length); return (int)on_file("ftruncate", fd, length, 0, truncate_work, a); }
int ftruncate64(int fd, off_t length) { return ftruncate(fd, length); }
static long allocate_work(void *a) { long *b = a; return raw(SYS_fallocate, b[0], b[1], b[2], b[3]); }
int fallocate(int fd, int mode, off_t from, off_t length) { ARGUMENTS(fd, mode, from, length); return (int)on_file("fallocate", fd, from, (size_t)length, allocate_work, a); }
int fallocate64(int fd, int mode, off_t from, off_t length) { return fallocate(fd, mode, from, length); }
static long fchmod_work(void *a) { return raw(SYS_fchmod, ((long *)a)[0], ((long *)a)[1]); }
int fchmod(int fd, mode_t mode) { ARGUMENTS(fd, mode); return (int)on_file("chmod", fd, 0, 0, fchmod_work, a); }
static long mmap_work(void *a) { long *b = a; return raw(SYS_mmap, b[0], b[1], b[2], b[3], b[4], b[5]); }
void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  ARGUMENTS((long)at, (long)length, protection, flags, fd, offset);
  return (void *)(path_of(fd) ? on_file("mmap", fd, offset, length, mmap_work, a) : mmap_work(a));
}
void *mmap64(void *at, size_t length, int protection, int flags, int fd, off_t offset) { return mmap(at, length, protection, flags, fd, offset); }

static long chmod_work(void *a) { return raw(SYS_fchmodat, AT_FDCWD, ((long *)a)[0], ((long *)a)[1]); }
int chmod(const char *path, mode_t mode) { ARGUMENTS((long)path, mode); return (int)on_path("chmod", AT_FDCWD, path, "", 0, chmod_work, a); }
static long mkdir_work(void *a) { return raw(SYS_mkdirat, AT_FDCWD, ((long *)a)[0], ((long *)a)[1]); }
int mkdir(const char *path, mode_t mode) { ARGUMENTS((long)path, mode); return (int)on_path("mkdir", AT_FDCWD, path, "", 0, mkdir_work, a); }
static long remove_work(void *a) { return raw(SYS_unlinkat, ((long *)a)[0], ((long *)a)[1], ((long *)a)[2]); }
int unlink(const char *path) { ARGUMENTS(AT_FDCWD, (long)path, 0); return (int)on_path("unlink", AT_FDCWD, path, "", 0, remove_work, a); }
int rmdir(const char *path) { ARGUMENTS(AT_FDCWD, (long)path, AT_REMOVEDIR); return (int)on_path("rmdir", AT_FDCWD, path, "", 0, remove_work, a); }
int unlinkat(int folder, const char *path, int flags) {
  ARGUMENTS(folder, (long)path, flags);
  return (int)on_path(flags & AT_REMOVEDIR ? "rmdir" : "unlink", folder, path, "", 0, remove_work, a);
}
static long rename_work(void *a) { return raw(SYS_renameat2, AT_FDCWD, ((long *)a)[0], AT_FDCWD, ((long *)a)[1], 0); }
int rename(const char *from, const char *to) { ARGUMENTS((long)from, (long)to); return (int)on_path("rename", AT_FDCWD, to, from, 0, rename_work, a); }
static long link_work(void *a) { return raw(SYS_linkat, AT_FDCWD, ((long *)a)[0], AT_FDCWD, ((long *)a)[1], 0); }
int link(const char *from, const char *to) { ARGUMENTS((long)from, (long)to); return (int)on_path("link", AT_FDCWD, to, from, 0, link_work, a); }
static long symlink_work(void *a) { return raw(SYS_symlinkat, ((long *)a)[0], AT_FDCWD, ((long *)a)[1]); }
int symlink(const char *target, const char *path) { ARGUMENTS((long)target, (long)path); return (int)on_path("symlink", AT_FDCWD, path, target, 0, symlink_work, a); }

/** The C library's own goes past the others. */
char *mkdtemp(char *template) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  char *end = template + strlen(template) - 6;
  for (int attempt = 0; attempt < 100; attempt++) {
    unsigned char random[6];
    if (getrandom(random, sizeof random, 0) != sizeof random) return NULL;
    for (int i = 0; i < 6; i++) end[i] = letters[random[i] % 62];
    if (mkdir(template, 0700) == 0) return template;
    if (errno != EEXIST) return NULL;
  }
  return NULL;
}
