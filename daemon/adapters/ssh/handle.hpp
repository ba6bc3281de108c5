#pragma once
#include <libssh2.h>

#include <memory>

namespace bisectd::ssh {

/// Frees a session and its channels. Its socket must be shut down first: then nothing can block,
/// and a free that asks to wait is asked again only a few times.
struct FreeSession {
    void operator()(LIBSSH2_SESSION* session) const {
        for (int i = 0; i < 100 && libssh2_session_free(session) == LIBSSH2_ERROR_EAGAIN; ++i) {
        }
    }
};
using SessionHandle = std::unique_ptr<LIBSSH2_SESSION, FreeSession>;

/// Frees a channel. One that cannot be freed at once is left to its session.
struct FreeChannel {
    void operator()(LIBSSH2_CHANNEL* channel) const { libssh2_channel_free(channel); }
};
using ChannelHandle = std::unique_ptr<LIBSSH2_CHANNEL, FreeChannel>;

}  // namespace bisectd::ssh
