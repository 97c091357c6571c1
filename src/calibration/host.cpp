#include "calibration/host.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"

namespace aiprof::calibration {
namespace {

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return text;
}

std::string trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

// The number that a text begins with: "48K", "2600.000".
std::optional<double> leading_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

std::uint64_t size_of(std::string_view text) {
  const double value = leading_number(text).value_or(0);
  const double unit = text.ends_with("K") ? 1024 : text.ends_with("M") ? 1048576 : 1;
  return static_cast<std::uint64_t>(value * unit);
}

// "0-3,8": how many numbers.
std::uint64_t list_size(std::string_view text) {
  std::uint64_t n = 0;
  for (const std::string& part : split(text, ',')) {
    const auto dash = part.find('-');
    const double low = leading_number(part).value_or(0);
    const double high =
        dash == std::string::npos ? low : leading_number(part.substr(dash + 1)).value_or(low);
    n += static_cast<std::uint64_t>(high - low) + 1;
  }
  return n;
}

void read_cpuinfo(const std::string& text, HostFacts& facts) {
  double megahertz = 0;
  std::uint64_t processors = 0;
  std::set<std::pair<std::string, std::string>> cores;
  std::string package;
  for (const std::string& line : split(text, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key = trim(line.substr(0, colon));
    const std::string value = trim(line.substr(colon + 1));
    if (key == "processor") ++processors;
    if (key == "vendor_id") facts.vendor = value;
    if (key == "CPU implementer") facts.vendor = "ARM";
    if (key == "cpu family") facts.family = static_cast<int>(leading_number(value).value_or(0));
    if (key == "model name") facts.model = value;
    if (key == "flags" || key == "Features") facts.flags = split(value, ' ');
    if (key == "cpu MHz") megahertz = std::max(megahertz, leading_number(value).value_or(0));
    if (key == "physical id") package = value;
    if (key == "core id") cores.emplace(package, value);
  }
  facts.cores = cores.empty() ? processors : cores.size();
  facts.clock_hz = megahertz * 1e6;
}

void read_caches(const std::string& cpu, std::uint64_t threads_per_core, HostFacts& facts) {
  for (int i = 0; i < 16; ++i) {
    const std::string base = fmt::format("{}/cache/index{}/", cpu, i);
    const auto type = read_text(base + "type");
    if (!type) break;
    if (trim(*type) == "Instruction") continue;
    CacheFact cache;
    cache.level =
        static_cast<int>(leading_number(read_text(base + "level").value_or("")).value_or(0));
    cache.bytes = size_of(trim(read_text(base + "size").value_or("")));
    const std::string shared = trim(read_text(base + "shared_cpu_list").value_or(""));
    cache.shared = std::max<std::uint64_t>(1, list_size(shared) / threads_per_core);
    if (cache.level > 0 && cache.bytes > 0) facts.caches.push_back(cache);
  }
  std::ranges::sort(facts.caches, {}, &CacheFact::level);
}

// A little-endian number of an SMBIOS structure; 0 past its end.
std::uint64_t field(std::string_view structure, std::size_t at, std::size_t bytes) {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < bytes && at + i < structure.size(); ++i) {
    v |= std::uint64_t{static_cast<unsigned char>(structure[at + i])} << (8 * i);
  }
  return v;
}

// Bytes per second of one memory device (SMBIOS 3.4, type 17); 0 if empty or not stated.
double device_bandwidth(std::string_view s) {
  constexpr std::uint64_t kUnknown = 0xFFFF;
  const std::uint64_t data_bits = field(s, 0x0A, 2);
  const std::uint64_t size = field(s, 0x0C, 2);
  std::uint64_t megatransfers = field(s, 0x20, 2);  // configured
  if (megatransfers == 0 || megatransfers == kUnknown) megatransfers = field(s, 0x15, 2);
  if (size == 0 || data_bits == 0 || data_bits == kUnknown || megatransfers == 0 ||
      megatransfers == kUnknown) {
    return 0;
  }
  return static_cast<double>(megatransfers) * 1e6 * static_cast<double>(data_bits) / 8;
}

}  // namespace

bool HostFacts::has(std::string_view flag) const {
  return std::ranges::find(flags, flag) != flags.end();
}

std::optional<double> module_bandwidth(std::string_view smbios) {
  constexpr std::uint64_t kMemoryDevice = 17;
  double sum = 0;
  for (std::size_t at = 0; at + 4 <= smbios.size();) {
    const std::size_t length = field(smbios, at + 1, 1);
    if (length < 4) break;
    if (field(smbios, at, 1) == kMemoryDevice) {
      sum += device_bandwidth(smbios.substr(at, length));
    }
    // Strings follow the structure and end with two zero bytes.
    const auto end = smbios.find(std::string_view("\0\0", 2), at + length);
    if (end == std::string_view::npos) break;
    at = end + 2;
  }
  if (!(sum > 0)) return std::nullopt;
  return sum;
}

HostFacts read_host(const std::string& root) {
  HostFacts facts;
  const auto cpuinfo = read_text(root + "/proc/cpuinfo");
  if (!cpuinfo) {
    throw input_error(
        "/proc/cpuinfo cannot be read: hw detect needs Linux; elsewhere start from a "
        "file of aiprof hw show");
  }
  read_cpuinfo(*cpuinfo, facts);
  if (facts.cores == 0) throw input_error("/proc/cpuinfo names no processor");
  const std::string cpu = root + "/sys/devices/system/cpu/cpu0";
  if (const auto khz = read_text(cpu + "/cpufreq/cpuinfo_max_freq")) {
    facts.clock_hz = leading_number(*khz).value_or(0) * 1e3;
    facts.clock_is_maximum = facts.clock_hz > 0;
  }
  const std::string siblings =
      trim(read_text(cpu + "/topology/thread_siblings_list").value_or("0"));
  read_caches(cpu, std::max<std::uint64_t>(1, list_size(siblings)), facts);
  for (const std::string& line : split(read_text(root + "/proc/meminfo").value_or(""), '\n')) {
    if (!line.starts_with("MemTotal:")) continue;
    const std::string kibibytes = trim(line.substr(line.find(':') + 1));
    facts.memory_bytes = static_cast<std::uint64_t>(leading_number(kibibytes).value_or(0) * 1024);
  }
  if (const auto table = read_text(root + "/sys/firmware/dmi/tables/DMI")) {
    facts.memory_bandwidth = module_bandwidth(*table);
  }
  return facts;
}

}  // namespace aiprof::calibration
