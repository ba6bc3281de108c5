#include "adapters/build/elf_file.hpp"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "adapters/process/spawn.hpp"
#include "core/elf_notes.hpp"

namespace bisectd::build {
namespace {

constexpr std::size_t note_limit_bytes = 1 << 20;

bool read_at(int file, void* into, std::size_t bytes, std::uint64_t offset) {
    if (offset > static_cast<std::uint64_t>(INT64_MAX) - bytes) return false;
    return pread(file, into, bytes, static_cast<off_t>(offset)) == static_cast<ssize_t>(bytes);
}

template <class T>
T ordered(T value, bool swap) {
    return swap ? std::byteswap(value) : value;
}

template <class Header, class Section>
std::string search(int file, bool swap) {
    Header header{};
    if (!read_at(file, &header, sizeof header, 0)) return {};
    if (ordered(header.e_shentsize, swap) != sizeof(Section)) return {};
    const std::uint64_t table = ordered(header.e_shoff, swap);
    const unsigned count = ordered(header.e_shnum, swap);
    for (unsigned index = 0; index < count; ++index) {
        Section section{};
        if (!read_at(file, &section, sizeof section, table + index * sizeof section)) return {};
        if (ordered(section.sh_type, swap) != SHT_NOTE) continue;
        const std::uint64_t bytes = ordered(section.sh_size, swap);
        if (bytes > note_limit_bytes) continue;
        std::vector<std::byte> notes(bytes);
        if (!read_at(file, notes.data(), notes.size(), ordered(section.sh_offset, swap))) continue;
        if (auto found = gnu_build_id(notes)) return *found;
    }
    return {};
}

/// Errors: nothing when the table is none.
template <class Header, class Entry>
std::optional<std::vector<Segment>> read_segments(int file, bool swap) {
    Header header{};
    if (!read_at(file, &header, sizeof header, 0)) return std::nullopt;
    if (ordered(header.e_phentsize, swap) != sizeof(Entry)) return std::nullopt;
    const std::uint64_t table = ordered(header.e_phoff, swap);
    const unsigned count = ordered(header.e_phnum, swap);
    std::vector<Segment> segments;
    for (unsigned index = 0; index < count; ++index) {
        Entry entry{};
        if (!read_at(file, &entry, sizeof entry, table + index * sizeof entry)) return std::nullopt;
        if (ordered(entry.p_type, swap) != PT_LOAD) continue;
        segments.push_back({ordered(entry.p_offset, swap), ordered(entry.p_vaddr, swap),
                            ordered(entry.p_filesz, swap), ordered(entry.p_memsz, swap)});
    }
    return segments;
}

/// An ELF file, opened, with its class and byte order.
struct Opened {
    process::Descriptor file;
    bool wide = false;
    bool swap = false;
};

Result<Opened> open_elf(const std::string& path) {
    Opened elf{process::Descriptor{open(path.c_str(), O_RDONLY | O_CLOEXEC)}};
    if (!elf.file) return infrastructure(path, "cannot open it to read what it is");
    unsigned char ident[EI_NIDENT] = {};
    if (!read_at(elf.file.get(), ident, sizeof ident, 0) ||
        std::memcmp(ident, ELFMAG, SELFMAG) != 0)
        return infrastructure(path, "is no ELF file, so its build-id cannot be read");
    const bool big = ident[EI_DATA] == ELFDATA2MSB;
    elf.swap = big != (std::endian::native == std::endian::big);
    elf.wide = ident[EI_CLASS] == ELFCLASS64;
    return elf;
}

}  // namespace

Result<std::string> build_id_of(const std::string& path) {
    const auto elf = open_elf(path);
    if (!elf) return std::unexpected(elf.error());
    std::string found = elf->wide ? search<Elf64_Ehdr, Elf64_Shdr>(elf->file.get(), elf->swap)
                                  : search<Elf32_Ehdr, Elf32_Shdr>(elf->file.get(), elf->swap);
    if (found.empty())
        return infrastructure(path,
                              "carries no GNU build-id, so no board can prove that it runs it: "
                              "the linker must be called with --build-id");
    return found;
}

Result<std::vector<Segment>> loaded_segments(const std::string& path) {
    const auto elf = open_elf(path);
    if (!elf) return std::unexpected(elf.error());
    auto segments = elf->wide ? read_segments<Elf64_Ehdr, Elf64_Phdr>(elf->file.get(), elf->swap)
                              : read_segments<Elf32_Ehdr, Elf32_Phdr>(elf->file.get(), elf->swap);
    if (!segments) return infrastructure(path, "has no readable table of segments");
    return std::move(*segments);
}

}  // namespace bisectd::build
