#include "adapters/git/commit_graph.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace bisectd::git {
namespace {

constexpr std::uint32_t chunk_fanout = 0x4f494446;   // "OIDF"
constexpr std::uint32_t chunk_ids = 0x4f49444c;      // "OIDL"
constexpr std::uint32_t chunk_commits = 0x43444154;  // "CDAT"
constexpr std::uint32_t chunk_edges = 0x45444745;    // "EDGE"
constexpr std::size_t fanout_size = 256UL * 4;
constexpr std::uint32_t no_parent = 0x70000000;
constexpr std::uint32_t more_parents = 0x80000000;
constexpr std::size_t most_parents = 0xffff;

std::byte nibble(char digit) {
    return static_cast<std::byte>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

}  // namespace

void CommitGraph::Unmap::operator()(const std::byte* begin) const {
    ::munmap(const_cast<std::byte*>(begin), bytes);
}

std::optional<CommitGraph> CommitGraph::open(const std::string& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return std::nullopt;
    struct stat status{};
    void* begin = MAP_FAILED;
    if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 8)
        begin = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE,
                       descriptor, 0);
    ::close(descriptor);
    if (begin == MAP_FAILED) return std::nullopt;
    CommitGraph graph;
    graph.bytes_ = static_cast<std::size_t>(status.st_size);
    graph.data_ = {static_cast<const std::byte*>(begin), Unmap{graph.bytes_}};
    if (!graph.read_chunks()) return std::nullopt;
    return graph;
}

std::uint32_t CommitGraph::number(std::size_t offset) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8 | std::to_integer<std::uint32_t>(data_.get()[offset + i]);
    return value;
}

bool CommitGraph::read_chunks() {
    if (std::memcmp(data_.get(), "CGPH\x01", 5) != 0) return false;
    const auto hash_version = std::to_integer<unsigned>(data_.get()[5]);
    if (hash_version != 1 && hash_version != 2) return false;
    hash_bytes_ = hash_version == 1 ? 20 : 32;
    const auto chunks = std::to_integer<std::size_t>(data_.get()[6]);
    if (data_.get()[7] != std::byte{0}) return false;  // part of a chain
    const std::size_t table_end = 8 + (chunks + 1) * 12;
    if (bytes_ < table_end + hash_bytes_) return false;
    const std::size_t body_end = bytes_ - hash_bytes_;

    std::size_t ids_bytes = 0, commits_bytes = 0, fanout_bytes = 0;
    for (std::size_t i = 0; i < chunks; ++i) {
        const std::size_t entry = 8 + i * 12;
        const auto offset_at = [this](std::size_t at) {
            return std::uint64_t{number(at)} << 32 | number(at + 4);
        };
        const std::uint64_t begin = offset_at(entry + 4), end = offset_at(entry + 16);
        if (begin < table_end || end < begin || end > body_end) return false;
        const auto bytes = static_cast<std::size_t>(end - begin);
        switch (number(entry)) {
            case chunk_fanout:
                fanout_ = begin, fanout_bytes = bytes;
                break;
            case chunk_ids:
                ids_ = begin, ids_bytes = bytes;
                break;
            case chunk_commits:
                commits_ = begin, commits_bytes = bytes;
                break;
            case chunk_edges:
                edges_ = begin, edge_count_ = bytes / 4;
                break;
            default:
                break;
        }
    }
    if (fanout_ == 0 || ids_ == 0 || commits_ == 0 || fanout_bytes != fanout_size) return false;
    size_ = number(fanout_ + fanout_size - 4);
    for (std::size_t i = 0; i + 1 < 256; ++i)
        if (number(fanout_ + i * 4) > number(fanout_ + i * 4 + 4)) return false;
    return size_ < no_parent && ids_bytes == size_ * hash_bytes_ &&
           commits_bytes == size_ * (hash_bytes_ + 16);
}

std::span<const std::byte> CommitGraph::raw_id(Position position) const {
    return {data_.get() + ids_ + position * hash_bytes_, hash_bytes_};
}

std::optional<CommitGraph::Position> CommitGraph::find(const CommitId& id) const {
    if (id.hex().size() != hash_bytes_ * 2) return std::nullopt;
    std::vector<std::byte> wanted(hash_bytes_);
    for (std::size_t i = 0; i < hash_bytes_; ++i)
        wanted[i] = nibble(id.hex()[2 * i]) << 4 | nibble(id.hex()[2 * i + 1]);
    const auto first = std::to_integer<std::size_t>(wanted[0]);
    Position low = first == 0 ? 0 : number(fanout_ + (first - 1) * 4);
    Position high = number(fanout_ + first * 4);
    while (low < high) {
        const Position middle = low + (high - low) / 2;
        const int order = std::memcmp(raw_id(middle).data(), wanted.data(), hash_bytes_);
        if (order == 0) return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return std::nullopt;
}

CommitId CommitGraph::id(Position position) const {
    constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(hash_bytes_ * 2);
    for (std::byte byte : raw_id(position)) {
        hex += digits[std::to_integer<unsigned>(byte >> 4)];
        hex += digits[std::to_integer<unsigned>(byte & std::byte{15})];
    }
    return *CommitId::parse(hex);
}

std::uint32_t CommitGraph::level(Position position) const {
    return number(commits_ + position * (hash_bytes_ + 16) + hash_bytes_ + 8) >> 2;
}

bool CommitGraph::parents(Position position, std::vector<Position>& parents) const {
    parents.clear();
    const std::uint32_t own_level = level(position);
    const auto add = [&](std::uint32_t parent) {
        // The level rule also makes sure that a walk ends: no damaged file can make a circle.
        if (parent >= size_ || level(parent) >= own_level || parents.size() >= most_parents)
            return false;
        if (std::find(parents.begin(), parents.end(), parent) == parents.end())
            parents.push_back(parent);
        return true;
    };
    const std::size_t entry = commits_ + position * (hash_bytes_ + 16) + hash_bytes_;
    const std::uint32_t first = number(entry), second = number(entry + 4);
    if (first == no_parent) return second == no_parent;
    if (!add(first)) return false;
    if (second == no_parent) return true;
    if ((second & more_parents) == 0) return add(second);
    for (std::size_t edge = second & ~more_parents; edge < edge_count_; ++edge) {
        const std::uint32_t value = number(edges_ + edge * 4);
        if (!add(value & ~more_parents)) return false;
        if ((value & more_parents) != 0) return true;
    }
    return false;
}

}  // namespace bisectd::git
