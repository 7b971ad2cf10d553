// Debian's abseil is built without ThreadSanitizer, so its locks order nothing
// in the sanitizer's eyes and every value that they guard would look raced.
// The linker (--wrap, tests/CMakeLists.txt) sends our calls of them through
// here, where they are told to the sanitizer.
#include <sanitizer/tsan_interface.h>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

namespace {

// A wait gives the lock back and takes it again.
class Wait {
 public:
  explicit Wait(absl::Mutex* mutex) : mutex_(mutex) {
    __tsan_mutex_pre_unlock(mutex_, 0);
    __tsan_mutex_post_unlock(mutex_, 0);
    __tsan_mutex_pre_lock(mutex_, 0);
  }
  ~Wait() { __tsan_mutex_post_lock(mutex_, 0, 0); }
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

 private:
  absl::Mutex* mutex_;
};

}  // namespace

extern "C" {

using absl::Condition;
using absl::CondVar;
using absl::Mutex;
using absl::Notification;

void __real__ZN4absl7debian35Mutex4LockEv(Mutex* mutex);
void __wrap__ZN4absl7debian35Mutex4LockEv(Mutex* mutex) {
  __tsan_mutex_pre_lock(mutex, 0);
  __real__ZN4absl7debian35Mutex4LockEv(mutex);
  __tsan_mutex_post_lock(mutex, 0, 0);
}

void __real__ZN4absl7debian35Mutex6UnlockEv(Mutex* mutex);
void __wrap__ZN4absl7debian35Mutex6UnlockEv(Mutex* mutex) {
  __tsan_mutex_pre_unlock(mutex, 0);
  __real__ZN4absl7debian35Mutex6UnlockEv(mutex);
  __tsan_mutex_post_unlock(mutex, 0);
}

void __real__ZN4absl7debian35MutexD1Ev(Mutex* mutex);
void __wrap__ZN4absl7debian35MutexD1Ev(Mutex* mutex) {
  __tsan_mutex_destroy(mutex, __tsan_mutex_not_static);
  __real__ZN4absl7debian35MutexD1Ev(mutex);
}

void __real__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(Mutex* mutex,
                                                           const Condition&);
void __wrap__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(
    Mutex* mutex, const Condition& condition) {
  const Wait wait(mutex);
  __real__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(mutex, condition);
}

bool __real__ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE(
    Mutex* mutex, const Condition&, absl::Time until);
bool __wrap__ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE(
    Mutex* mutex, const Condition& condition, absl::Time until) {
  const Wait wait(mutex);
  return __real__ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE(
      mutex, condition, until);
}

bool __real__ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE(
    CondVar* changed, Mutex* mutex, absl::Time until);
bool __wrap__ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE(
    CondVar* changed, Mutex* mutex, absl::Time until) {
  const Wait wait(mutex);
  return __real__ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE(
      changed, mutex, until);
}

void __real__ZN4absl7debian312Notification6NotifyEv(Notification* done);
void __wrap__ZN4absl7debian312Notification6NotifyEv(Notification* done) {
  __tsan_release(done);
  __real__ZN4absl7debian312Notification6NotifyEv(done);
}

void __real__ZNK4absl7debian312Notification19WaitForNotificationEv(
    const Notification* done);
void __wrap__ZNK4absl7debian312Notification19WaitForNotificationEv(
    const Notification* done) {
  __real__ZNK4absl7debian312Notification19WaitForNotificationEv(done);
  __tsan_acquire(const_cast<Notification*>(done));
}

}  // extern "C"
