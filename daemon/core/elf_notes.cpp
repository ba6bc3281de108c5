#include "core/elf_notes.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace bisectd {
namespace {

constexpr std::size_t header_bytes = 12;      // sizes of name and descriptor, type
constexpr std::uint32_t build_id_type = 3;    // NT_GNU_BUILD_ID
constexpr std::size_t largest_build_id = 64;  // SHA-512; the linker makes 8 to 20 bytes
constexpr std::size_t smallest_build_id = 8;

enum class ByteOrder { little, big };

std::uint32_t word_at(std::span<const std::byte> bytes, std::size_t at, ByteOrder order) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t shift = 8 * (order == ByteOrder::little ? i : 3 - i);
        value |= std::to_integer<std::uint32_t>(bytes[at + i]) << shift;
    }
    return value;
}

constexpr std::size_t aligned(std::size_t size) {
    return (size + 3) & ~std::size_t{3};
}

bool is_gnu(std::span<const std::byte> name) {
    constexpr std::array gnu{std::byte{'G'}, std::byte{'N'}, std::byte{'U'}, std::byte{0}};
    return name.size() == gnu.size() && std::equal(gnu.begin(), gnu.end(), name.begin());
}

std::string hexadecimal(std::span<const std::byte> bytes) {
    constexpr const char* digits = "0123456789abcdef";
    std::string text;
    for (const std::byte byte : bytes) {
        text += digits[std::to_integer<unsigned>(byte) >> 4];
        text += digits[std::to_integer<unsigned>(byte) & 15];
    }
    return text;
}

std::optional<std::string> read(std::span<const std::byte> notes, ByteOrder order) {
    while (notes.size() >= header_bytes) {
        const std::size_t name_bytes = word_at(notes, 0, order);
        const std::size_t data_bytes = word_at(notes, 4, order);
        const std::uint32_t type = word_at(notes, 8, order);
        const std::size_t data_at = header_bytes + aligned(name_bytes);
        if (name_bytes > notes.size() || data_bytes > notes.size()) return std::nullopt;
        if (data_at + data_bytes > notes.size()) return std::nullopt;
        const bool fits = data_bytes >= smallest_build_id && data_bytes <= largest_build_id;
        if (type == build_id_type && fits && is_gnu(notes.subspan(header_bytes, name_bytes)))
            return hexadecimal(notes.subspan(data_at, data_bytes));
        notes = notes.subspan(std::min(notes.size(), data_at + aligned(data_bytes)));
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> gnu_build_id(std::span<const std::byte> notes) {
    if (auto found = read(notes, ByteOrder::little)) return found;
    return read(notes, ByteOrder::big);
}

}  // namespace bisectd
