#pragma once
#include <boost/asio/thread_pool.hpp>
#include <string>

#include "orchestration/gate.hpp"
#include "orchestration/log_keeper.hpp"
#include "orchestration/space_watch.hpp"
#include "ports/board_shell.hpp"
#include "ports/catalogue.hpp"
#include "ports/clock.hpp"
#include "ports/herald.hpp"
#include "ports/journal.hpp"
#include "ports/logs.hpp"
#include "ports/power.hpp"
#include "ports/repository.hpp"
#include "ports/workshop.hpp"

namespace bisectd {

/// Everything that orchestration works with; owned by main, outlives it.
struct Lab {
    Clock& clock;
    Journal& journal;
    Repository& repository;
    Workshop& workshop;
    Logs& logs;
    BoardShells& shells;
    BoardDrivers& drivers;
    Catalogue& catalogue;
    Gate& builder;                ///< one build at a time
    unsigned builders_apart = 1;  ///< may build ahead while boards run; they share the gate
    /// For long computations; null: they are done on the spot (in simulations).
    boost::asio::thread_pool* pool = nullptr;
    /// How often an estimate plays the rest of a bisection.
    unsigned estimate_games = 24;
    std::string agent_file;  ///< agents/bisectd-agent on the controller
    std::string agent_name;  ///< its name on the board; carries its digest, so it is never stale
    std::string scratch_folder;  ///< on the controller, for small files on their way to a board
    Herald* herald = nullptr;    ///< null: nobody is told of anything
    LogKeeper* log_keeper = nullptr;  ///< null: logs stay as they are
    SpaceWatch* space = nullptr;      ///< null: nobody looks after the disks (in simulations)
    std::string version;              ///< of bisectd, for reports
};

}  // namespace bisectd
