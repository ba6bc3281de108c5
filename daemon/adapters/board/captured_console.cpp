#include "adapters/board/captured_console.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "adapters/board/waiting.hpp"

namespace bisectd::board {

namespace asio = boost::asio;

struct CapturedConsole::Capture {
    std::unique_ptr<ConsoleLog> log;
    std::unique_ptr<ConsoleSource> source;
    asio::cancellation_signal stop;

    static Task<void> run(std::shared_ptr<Capture> self) { co_await self->source->run(*self->log); }
};

CapturedConsole::CapturedConsole(asio::any_io_executor executor,
                                 std::unique_ptr<ConsoleSource> source, std::string file)
    : executor_(std::move(executor)), file_(std::move(file)), source_(std::move(source)) {}

CapturedConsole::~CapturedConsole() {
    if (!capture_) return;
    capture_->log->close();  // the next console of this board may start before that one has ended
    capture_->stop.emit(asio::cancellation_type::terminal);
}

Result<void> CapturedConsole::start() {
    if (capture_) return {};
    auto log = ConsoleLog::open(file_);
    if (!log) return std::unexpected(log.error());
    auto begun = source_->begin(**log);
    if (!begun) return std::unexpected(begun.error());
    capture_ = std::make_shared<Capture>();
    capture_->log = std::move(*log);
    capture_->source = std::move(source_);
    auto ended = [capture = capture_](const std::exception_ptr& error) {
        try {
            if (error) std::rethrow_exception(error);
        } catch (const boost::system::system_error& stopped) {
            if (stopped.code() != asio::error::operation_aborted)
                capture->log->note(std::string("the capture ended: ") + stopped.what());
        } catch (const std::exception& failed) {
            capture->log->note(std::string("the capture ended: ") + failed.what());
        }
    };
    asio::co_spawn(executor_, Capture::run(capture_),
                   asio::bind_cancellation_slot(capture_->stop.slot(), std::move(ended)));
    return {};
}

std::uint64_t CapturedConsole::mark() const {
    if (!capture_) return 0;
    capture_->source->catch_up(*capture_->log);
    return capture_->log->mark();
}

std::string CapturedConsole::since(std::uint64_t mark, std::size_t limit) const {
    if (!capture_) return {};
    capture_->source->catch_up(*capture_->log);
    return capture_->log->since(mark, limit);
}

}  // namespace bisectd::board
