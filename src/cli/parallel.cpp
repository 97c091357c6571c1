#include "cli/parallel.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace aiprof::cli {
namespace {

// A bar that is drawn over itself and gone at the end. Locked by its owner.
class ProgressBar {
 public:
  ProgressBar(std::size_t all, const Streams& streams)
      : all_(all), on_(streams.progress && all > 1), err_(streams.err) {}
  ~ProgressBar() {
    if (on_) err_ << "\r\x1b[K" << std::flush;
  }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void advance() {
    ++done_;
    if (!on_) return;
    constexpr std::size_t kWidth = 40;
    const std::size_t filled = done_ * kWidth / all_;
    err_ << fmt::format("\r[{}{}] {}/{}", std::string(filled, '#'),
                        std::string(kWidth - filled, ' '), done_, all_)
         << std::flush;
  }

 private:
  std::size_t all_;
  std::size_t done_ = 0;
  bool on_;
  std::ostream& err_;
};

class Pool {
 public:
  Pool(std::size_t n, const std::function<void(std::size_t)>& work, const Streams& streams)
      : n_(n), work_(work), bar_(n, streams), failed_at_(n) {}

  void run() {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::thread> workers;
    for (std::size_t i = 1; i < std::min(cores, n_); ++i) workers.emplace_back([this] { serve(); });
    serve();
    for (std::thread& t : workers) t.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  // Pieces are handed out in order: when one fails, all before it have been.
  void serve() {
    while (!stop_) {
      const std::size_t i = next_++;
      if (i >= n_) return;
      std::exception_ptr failure;
      try {
        work_(i);
      } catch (...) {
        failure = std::current_exception();
        stop_ = true;
      }
      const std::lock_guard<std::mutex> lock(mutex_);
      bar_.advance();
      if (failure && i < failed_at_) {
        failed_at_ = i;
        failure_ = failure;
      }
    }
  }

  std::size_t n_;
  const std::function<void(std::size_t)>& work_;
  std::mutex mutex_;  // guards what follows
  ProgressBar bar_;
  std::exception_ptr failure_;
  std::size_t failed_at_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stop_{false};
};

}  // namespace

void for_each_index(std::size_t n, const std::function<void(std::size_t)>& work,
                    const Streams& streams) {
  Pool(n, work, streams).run();
}

}  // namespace aiprof::cli
