#include "aiprof/hardware/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "hardware/document.h"
#include "hardware/edit.h"
#include "hardware/embedded.h"
#include "hardware/read.h"

namespace aiprof {
namespace {

constexpr std::string_view kExtension = ".json";
constexpr std::size_t kMostBytes = 16U << 20U;  // a thousand times the longest shipped file

const hw::EmbeddedFile* find_built_in(std::string_view wanted) {
  if (wanted.find(' ') != std::string_view::npos) return nullptr;
  const std::string spaced = fmt::format(" {} ", wanted);
  for (const hw::EmbeddedFile& file : hw::embedded_files()) {
    if (file.name == wanted || file.aliases.find(spaced) != std::string_view::npos) return &file;
  }
  return nullptr;
}

std::vector<std::string> aliases_of(const hw::EmbeddedFile& file) {
  std::vector<std::string> aliases = split(file.aliases, ' ');
  std::erase(aliases, "");
  return aliases;
}

[[noreturn]] void throw_unknown(std::string_view name, std::string_view key) {
  std::vector<std::string> known;
  for (const hw::EmbeddedFile& file : hw::embedded_files()) {
    known.emplace_back(file.name);
    for (std::string& alias : aliases_of(file)) known.push_back(std::move(alias));
  }
  throw usage_error(
      fmt::format("unknown hardware '{}': no such file and no built-in description{} (list them: "
                  "aiprof hw list)",
                  printable(name), did_you_mean(key, known)));
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  char block[1U << 14U];
  while (in && text.size() <= kMostBytes) {
    in.read(block, sizeof block);
    text.append(block, static_cast<std::size_t>(in.gcount()));
  }
  if (text.size() > kMostBytes) {
    throw input_error(fmt::format("{}: larger than 16 MiB; expected a JSON hardware description",
                                  printable(path)));
  }
  if (!in.eof()) throw input_error(fmt::format("{}: cannot be read", printable(path)));
  return text;
}

}  // namespace

HardwareText hardware_text(std::string_view name_or_file) {
  const std::string path(name_or_file);
  std::error_code error;
  const auto kind = std::filesystem::status(path, error).type();
  const bool directory = kind == std::filesystem::file_type::directory;
  const bool exists =
      kind != std::filesystem::file_type::not_found && kind != std::filesystem::file_type::none;
  if (exists && !directory) return {path, read_file(path)};
  if (path.find('/') != std::string::npos) {
    throw input_error(fmt::format(
        "{}: {}", printable(path),
        directory ? "is a directory; expected a hardware description" : "no such file"));
  }
  std::string key = lower(path);
  std::ranges::replace(key, '_', '-');
  if (key.ends_with(kExtension)) key.resize(key.size() - kExtension.size());
  const hw::EmbeddedFile* file = find_built_in(key);
  if (file == nullptr) throw_unknown(name_or_file, key);
  return {std::string(file->name) + " (built in)", std::string(file->text)};
}

Hardware load_hardware(std::string_view name_or_file, std::span<const std::string> edits) {
  const HardwareText source = hardware_text(name_or_file);
  hw::Json document = hw::parse_document(source.text, source.file);
  hw::check_document(document, source.file);
  std::vector<std::string> changes;
  for (const std::string& edit : edits) {
    const std::vector<std::string> lines = hw::edit_document(document, source.file, edit);
    changes.insert(changes.end(), lines.begin(), lines.end());
  }
  Hardware hardware = hw::read_document(document);
  hardware.file = source.file;
  hardware.edits = std::move(changes);
  return hardware;
}

std::vector<CatalogueEntry> catalogue() {
  std::vector<CatalogueEntry> entries;
  for (const hw::EmbeddedFile& file : hw::embedded_files()) {
    const hw::Json document = hw::parse_document(file.text, file.name);
    entries.push_back({.id = std::string(file.name),
                       .name = document.value("name", ""),
                       .vendor = document.value("vendor", ""),
                       .aliases = aliases_of(file)});
  }
  return entries;
}

}  // namespace aiprof
