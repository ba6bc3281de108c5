#include "adapters/build/content_digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "adapters/build/elf_file.hpp"
#include "adapters/build/file_access.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;

std::string bytes_of_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
        unsigned value = 0;
        std::from_chars(hex.data() + at, hex.data() + at + 2, value, 16);
        bytes += static_cast<char>(value);
    }
    return bytes;
}

/// What is linked into a boot image beside the kernel. Not the compressed kernel itself (called
/// piggy by the trees that wrap it in an object), which has the release in it, out of reach.
Result<std::vector<std::string>> boot_objects(const fs::path& output) {
    std::vector<std::string> found;
    std::error_code failed;
    if (!fs::exists(output / "arch", failed)) return found;
    for (fs::directory_iterator arch(output / "arch", failed), none; !failed && arch != none;
         arch.increment(failed)) {
        std::error_code odd;
        if (!fs::is_directory(arch->path() / "boot", odd)) continue;
        for (fs::recursive_directory_iterator at(arch->path() / "boot", failed), end;
             !failed && at != end; at.increment(failed)) {
            const std::string name = at->path().filename();
            const bool counts = name.ends_with(".o") || name.ends_with(".dtb");
            if (counts && !name.starts_with("piggy") && at->is_regular_file(odd))
                found.push_back(at->path().lexically_relative(output));
        }
    }
    if (failed)
        return infrastructure(output.string(),
                              "cannot be searched for boot objects: " + failed.message());
    std::ranges::sort(found);
    return found;
}

/// Whether the object was made with the sizes of the compressed kernel in it: the set-up code of
/// x86, which tells the boot loader. Source: arch/x86/boot/Makefile, zoffset.h.
bool holds_compressed_size(const FinishedBuild& build, const std::string& command_file) {
    const auto text = read_file(build.output + "/" + command_file, 16 << 20);
    return text && text->find("zoffset.h") != std::string::npos;
}

Result<void> add_file(MaskedDigest& digest, const std::string& name, const std::string& path) {
    digest.begin_part(name);
    return read_part(path, 0, UINT64_MAX, [&digest](std::string_view piece) { digest.add(piece); });
}

Result<void> add_object(MaskedDigest& digest, const FinishedBuild& build, const std::string& name) {
    const fs::path path(name);
    const std::string command_file = path.parent_path() / ("." + path.filename().string() + ".cmd");
    if (!holds_compressed_size(build, command_file))
        return add_file(digest, name, build.output + "/" + name);
    auto sources = object_sources(build, command_file);
    if (!sources) return std::unexpected(sources.error());
    digest.begin_part(name + " by its sources");
    for (const std::string& source : *sources)
        if (auto added = add_file(digest, source, build.source + "/" + source); !added)
            return added;
    return {};
}

}  // namespace

MaskedDigest::MaskedDigest(std::vector<std::string> words) : words_(std::move(words)) {
    std::erase(words_, std::string{});
    for (const std::string& word : words_) longest_ = std::max(longest_, word.size());
}

void MaskedDigest::mask() {
    for (const std::string& word : words_)
        for (auto at = held_.find(word); at != std::string::npos; at = held_.find(word, at))
            held_.replace(at, word.size(), word.size(), ' ');
}

void MaskedDigest::pass_on(std::size_t bytes) {
    digest_.add(std::string_view(held_).substr(0, bytes));
    held_.erase(0, bytes);
}

void MaskedDigest::add(std::string_view bytes) {
    held_ += bytes;
    mask();
    if (held_.size() >= longest_) pass_on(held_.size() + 1 - std::max<std::size_t>(longest_, 1));
}

void MaskedDigest::begin_part(std::string_view name) {
    pass_on(held_.size());
    digest_.add_part("part", name);
}

std::string MaskedDigest::hex() {
    pass_on(held_.size());
    return digest_.hex();
}

Result<std::string> kernel_content(const FinishedBuild& build, const std::string& release,
                                   const std::string& build_id) {
    MaskedDigest digest({release, bytes_of_hex(build_id)});
    const std::string kernel = build.output + "/vmlinux";
    auto segments = loaded_segments(kernel);
    if (!segments) return std::unexpected(segments.error());
    for (const Segment& segment : *segments) {
        digest.begin_part(
            fmt::format("{} {} {}", segment.address, segment.file_bytes, segment.memory_bytes));
        auto read = read_part(kernel, segment.offset, segment.file_bytes,
                              [&digest](std::string_view piece) { digest.add(piece); });
        if (!read) return std::unexpected(read.error());
    }
    auto objects = boot_objects(build.output);
    if (!objects) return std::unexpected(objects.error());
    for (const std::string& name : *objects)
        if (auto added = add_object(digest, build, name); !added)
            return std::unexpected(added.error());
    return digest.hex();
}

std::string files_content(const std::vector<ArtefactFile>& files) {
    Sha256 digest;
    for (const ArtefactFile& file : files) digest.add_part(file.name, file.sha256);
    return digest.hex();
}

}  // namespace bisectd::build
