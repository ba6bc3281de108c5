#include "adapters/store/projections.hpp"

#include <fmt/core.h>

#include <string>

namespace bisectd::store {
namespace {

constexpr std::string_view drop_sql = R"sql(
DROP TABLE IF EXISTS run;
DROP VIEW IF EXISTS bisection;
DROP VIEW IF EXISTS step;
DROP VIEW IF EXISTS attempt;
DROP VIEW IF EXISTS verdict;
DROP VIEW IF EXISTS artefact;
DROP VIEW IF EXISTS board_event;
DROP TABLE IF EXISTS projection_definition;
)sql";

// UTC(column) is replaced by the ISO text of a time in milliseconds.
constexpr std::string_view create_sql = R"sql(
CREATE TABLE run(
  seq       INTEGER NOT NULL REFERENCES event(seq),
  position  INTEGER NOT NULL,
  bisection INTEGER NOT NULL,
  step      INTEGER NOT NULL,
  attempt   INTEGER NOT NULL,
  run       INTEGER NOT NULL,
  look      TEXT NOT NULL,
  exit      INTEGER NOT NULL,
  signal    INTEGER NOT NULL,
  ms        INTEGER NOT NULL,
  at_utc    TEXT,
  batch     TEXT,
  PRIMARY KEY(seq, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_of_attempt ON run(bisection, step, attempt, look);

CREATE VIEW verdict AS SELECT
  seq, bisection, json_extract(body, '$.step') AS step, json_extract(body, '$.commit') AS commit_id,
  json_extract(body, '$.symptom') AS symptom, json_extract(body, '$.verdict') AS verdict,
  json_extract(body, '$.cause') AS cause, UTC(at_ms_utc) AS at_utc
FROM event WHERE kind = 'verdict_given';

CREATE VIEW step AS SELECT
  s.bisection, s.step, json_extract(s.body, '$.commit') AS commit_id,
  json_extract(s.body, '$.subject') AS subject, json_extract(s.body, '$.purpose') AS purpose,
  json_extract(s.body, '$.suspects') AS suspects,
  json_extract(v.body, '$.verdict') AS verdict, json_extract(v.body, '$.cause') AS cause,
  UTC(s.at_ms_utc) AS started_utc, UTC(v.at_ms_utc) AS ended_utc,
  (v.at_ms_utc - s.at_ms_utc) / 1000.0 AS seconds
FROM (SELECT *, json_extract(body, '$.step') AS step,
  (SELECT max(seq) FROM event AS l WHERE l.kind = 'verdict_given' AND l.bisection = event.bisection
     AND json_extract(l.body, '$.step') = json_extract(event.body, '$.step')) AS verdict_seq
  FROM event WHERE kind = 'step_started') AS s
LEFT JOIN event AS v ON v.seq = s.verdict_seq;

CREATE VIEW attempt AS SELECT
  a.bisection, a.step, a.attempt, json_extract(a.body, '$.board') AS board,
  json_extract(e.body, '$.rung') AS rung, json_extract(e.body, '$.outcome') AS outcome,
  json_extract(e.body, '$.cause') AS cause,
  json_extract(b.body, '$.key') AS artefact, json_extract(b.body, '$.from_store') AS from_store,
  json_extract(b.body, '$.release') AS release, json_extract(b.body, '$.build_id') AS build_id,
  json_extract(b.body, '$.seconds') AS build_seconds,
  json_extract(d.body, '$.seconds') AS deploy_seconds,
  json_extract(k.body, '$.boot_seconds') AS boot_seconds,
  json_extract(r.body, '$.symptom') AS symptom, json_extract(r.body, '$.planned') AS runs_planned,
  json_extract(e.body, '$.board_needs_recovery') AS board_needs_recovery,
  UTC(a.at_ms_utc) AS started_utc, UTC(e.at_ms_utc) AS ended_utc,
  (e.at_ms_utc - a.at_ms_utc) / 1000.0 AS seconds
FROM (SELECT *, json_extract(body, '$.step') AS step, json_extract(body, '$.attempt') AS attempt
  FROM event WHERE kind = 'attempt_started') AS a
LEFT JOIN event AS e ON e.seq = LAST('attempt_ended')
LEFT JOIN event AS b ON b.seq = LAST('built')
LEFT JOIN event AS d ON d.seq = LAST('deployed')
LEFT JOIN event AS k ON k.seq = LAST('kernel_proven')
LEFT JOIN event AS r ON r.seq = LAST('runs_started');

CREATE VIEW artefact AS SELECT a.artefact, a.release, a.build_id, a.image_sha256, a.builds,
  a.reuses, a.seconds, a.different_rebuilds, a.drift, a.first_utc, a.last_utc,
  coalesce(gone.seq > a.last_seq, 0) AS evicted
FROM (SELECT max(seq) AS last_seq,
  json_extract(body, '$.key') AS artefact, json_extract(body, '$.release') AS release,
  json_extract(body, '$.build_id') AS build_id,
  json_extract(body, '$.image_sha256') AS image_sha256,
  sum(NOT json_extract(body, '$.from_store')) AS builds,
  sum(json_extract(body, '$.from_store')) AS reuses,
  max(json_extract(body, '$.seconds')) AS seconds,
  sum(json_extract(body, '$.rebuild') = 'different') AS different_rebuilds,
  json_array_length(body, '$.drift') AS drift,
  UTC(min(at_ms_utc)) AS first_utc, UTC(max(at_ms_utc)) AS last_utc
FROM event WHERE kind = 'built' GROUP BY json_extract(body, '$.key')) AS a
LEFT JOIN (SELECT json_extract(body, '$.key') AS key, max(seq) AS seq
  FROM event WHERE kind = 'artefact_evicted' GROUP BY json_extract(body, '$.key')) AS gone
ON gone.key = a.artefact;

CREATE VIEW board_event AS SELECT
  seq, bisection, json_extract(body, '$.board') AS board, kind,
  json_extract(body, '$.rung') AS rung, json_extract(body, '$.worked') AS worked,
  coalesce(json_extract(body, '$.detail'), json_extract(body, '$.ask'),
           json_extract(body, '$.boot_id')) AS detail,
  UTC(at_ms_utc) AS at_utc
FROM event WHERE kind IN ('recovery_tried', 'board_recovered', 'board_parked', 'board_returned');

CREATE VIEW bisection AS SELECT
  q.bisection, json_extract(q.body, '$.request.title') AS title,
  json_extract(q.body, '$.request.repository') AS repository,
  json_extract(q.body, '$.request.recipe') AS recipe,
  json_extract(q.body, '$.recipe_digest') AS recipe_digest,
  json_extract(q.body, '$.request.board') AS board,
  json_extract(q.body, '$.request.bad') AS bad, json_extract(r.body, '$.bad') AS bad_id,
  json_extract(q.body, '$.request.good') AS good, json_extract(r.body, '$.good') AS good_ids,
  json_extract(r.body, '$.suspects') AS suspects,
  CASE WHEN e.seq IS NOT NULL THEN 'ended'
       WHEN q.parked_seq > q.returned_seq THEN 'parked'
       WHEN q.paused_seq > q.resumed_seq THEN 'paused' ELSE 'running' END AS activity,
  json_extract(e.body, '$.ending') AS ending,
  CASE json_extract(e.body, '$.ending') WHEN 'culprit'
    THEN json_extract(e.body, '$.commits[0]') END AS culprit,
  json_extract(e.body, '$.commits') AS commits, json_extract(e.body, '$.cause') AS cause,
  UTC(q.at_ms_utc) AS requested_utc, UTC(e.at_ms_utc) AS ended_utc,
  (e.at_ms_utc - q.at_ms_utc) / 3600000.0 AS hours
FROM (SELECT *,
  (SELECT max(seq) FROM event AS l WHERE l.bisection = event.bisection
     AND l.kind = 'range_resolved') AS range_seq,
  (SELECT max(seq) FROM event AS l WHERE l.bisection = event.bisection
     AND l.kind = 'bisection_ended') AS ended_seq,
  (SELECT coalesce(max(seq), 0) FROM event AS l WHERE l.bisection = event.bisection
     AND l.kind = 'bisection_paused') AS paused_seq,
  (SELECT coalesce(max(seq), 0) FROM event AS l WHERE l.bisection = event.bisection
     AND l.kind = 'bisection_resumed') AS resumed_seq,
  (SELECT coalesce(max(seq), 0) FROM event AS l WHERE l.bisection = event.bisection
     AND l.kind = 'board_parked') AS parked_seq,
  (SELECT coalesce(max(seq), 0) FROM event AS l WHERE l.bisection IN (event.bisection, 0)
     AND l.kind = 'board_returned' AND json_extract(l.body, '$.board')
       = json_extract(event.body, '$.request.board')) AS returned_seq
  FROM event WHERE kind = 'bisection_requested') AS q
LEFT JOIN event AS r ON r.seq = q.range_seq
LEFT JOIN event AS e ON e.seq = q.ended_seq;

CREATE TABLE projection_definition(sql TEXT NOT NULL) STRICT;
)sql";

/// One event at append, all of them at a rebuild: the same words, so they cannot differ.
/// CAST: a number beyond 63 bits, which JSON may hold, becomes the largest there is.
constexpr std::string_view insert_runs_sql = R"sql(
INSERT INTO run SELECT e.seq, r.key, e.bisection,
  CAST(json_extract(e.body, '$.step') AS INTEGER),
  CAST(json_extract(e.body, '$.attempt') AS INTEGER),
  CAST(json_extract(r.value, '$.run') AS INTEGER), json_extract(r.value, '$.look'),
  json_extract(r.value, '$.exit'), json_extract(r.value, '$.signal'),
  CAST(json_extract(r.value, '$.ms') AS INTEGER), UTC(e.at_ms_utc),
  json_extract(e.body, '$.batch')
FROM event AS e, json_each(e.body, '$.runs') AS r WHERE e.kind = 'runs_recorded')sql";

/// Replaces each `NAME(argument)` by `before` + argument + `after`.
void expand(std::string& sql, std::string_view name, std::string_view before,
            std::string_view after) {
    for (std::size_t at = sql.find(name); at != std::string::npos; at = sql.find(name, at)) {
        std::size_t open = at + name.size();
        // The argument may hold one call of its own, such as max(x).
        std::size_t close = sql.find(')', open);
        if (sql.find('(', open) < close) close = sql.find(')', close + 1);
        std::string argument = sql.substr(open, close - open);
        std::string whole = fmt::format("{}{}{}", before, argument, after);
        sql.replace(at, close + 1 - at, whole);
        at += whole.size();
    }
}

std::string expanded(std::string_view source) {
    std::string sql(source);
    expand(sql, "UTC(", "strftime('%Y-%m-%dT%H:%M:%fZ', (", ") / 1000.0, 'unixepoch')");
    expand(sql, "LAST(", "(SELECT max(seq) FROM event AS l WHERE l.kind = ",
           " AND l.bisection = a.bisection AND json_extract(l.body, '$.step') = a.step "
           "AND json_extract(l.body, '$.attempt') = a.attempt)");
    return sql;
}

const std::string& definition() {
    static const std::string sql = expanded(create_sql) + expanded(insert_runs_sql);
    return sql;
}

Result<bool> is_current(Connection& connection) {
    Result<std::int64_t> there = connection.number(
        "SELECT count(*) FROM sqlite_schema WHERE name = 'projection_definition';");
    if (!there) return std::unexpected(there.error());
    if (*there == 0) return false;
    Result<Statement> stored = connection.prepare("SELECT sql FROM projection_definition;");
    if (!stored) return std::unexpected(stored.error());
    Result<bool> row = stored->step();
    if (!row) return std::unexpected(row.error());
    return *row && stored->text(0) == definition();
}

}  // namespace

Result<void> refresh_projections(Connection& connection) {
    Result<bool> current = is_current(connection);
    if (!current) return std::unexpected(current.error());
    if (*current) return {};
    return rebuild_projections(connection);
}

Result<void> rebuild_projections(Connection& connection) {
    Result<Transaction> transaction = Transaction::begin(connection);
    if (!transaction) return std::unexpected(transaction.error());
    std::string script(drop_sql);
    script += expanded(create_sql);
    script += expanded(insert_runs_sql) + ";";
    Result<void> made = connection.run(script);
    if (!made) return made;
    Result<Statement> insert = connection.prepare("INSERT INTO projection_definition VALUES(?1);");
    if (!insert) return std::unexpected(insert.error());
    insert->bind(1, definition());
    Result<bool> inserted = insert->step();
    if (!inserted) return std::unexpected(inserted.error());
    return transaction->commit();
}

Result<void> project(Connection& connection, std::int64_t seq) {
    static const std::string sql = expanded(insert_runs_sql) + " AND e.seq = ?1;";
    Result<Statement> insert = connection.prepare(sql);
    if (!insert) return std::unexpected(insert.error());
    insert->bind(1, seq);
    Result<bool> inserted = insert->step();
    if (!inserted) return std::unexpected(inserted.error());
    return {};
}

}  // namespace bisectd::store
