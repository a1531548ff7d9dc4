#include "agent/statsd/aggregator.h"

#include <algorithm>
#include <optional>
#include <variant>

#include "agent/statsd/names.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

// What a node of a container takes besides what it holds, and the allocator's rounding.
constexpr std::size_t kNodeBytes = 64;

std::size_t TextBytes(const Series& series) {
  std::size_t bytes = series.metric.capacity();
  for (const Label& label : series.labels) {
    bytes += sizeof(Label) + label.name.capacity() + label.value.capacity();
  }
  return bytes;
}

// A line of text, without what an editor or `echo` leaves at its end.
std::string_view WithoutReturn(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

void Aggregator::Take(std::string_view datagram, SteadyTime now) {
  while (const auto line = NextLine(datagram)) {
    if (const auto text = WithoutReturn(*line); !text.empty()) TakeLine(text, now);
  }
}

void Aggregator::TakeCut(std::string_view line) {
  Count(Find(ApplicationOf(line)), StatsdDrop::kMalformed);
}

void Aggregator::TakeLine(std::string_view line, SteadyTime now) {
  const std::string name = ApplicationOf(line);
  Application& sender = Find(name);
  // First, so that a flood is not even parsed.
  if (!sender.allowance.Take(now, limits_.max_rate, limits_.max_rate))
    return Count(sender, StatsdDrop::kRate);
  const auto parsed = ParseStatsdLine(line);
  if (const auto* why = std::get_if<StatsdDrop>(&parsed)) return Count(sender, *why);
  Application& application = FindOrAdd(name);
  if (const auto why = Accept(std::get<StatsdLine>(parsed), application, now)) {
    return Count(application, *why);
  }
  application.last = now;
  ++application.counts.lines;
}

std::optional<StatsdDrop> Aggregator::Accept(const StatsdLine& line, Application& application,
                                             SteadyTime now) {
  auto labels = LabelsOf(line.tags);
  if (!labels || line.name.size() > kMostNameBytes) return StatsdDrop::kMalformed;
  Key key{.metric = PlainName(line.name), .labels = std::move(*labels)};
  auto known = known_.find(key);
  if (known == known_.end()) {
    auto created = Create(std::move(key), line.type, application);
    if (const auto* why = std::get_if<StatsdDrop>(&created)) return *why;
    known = std::get<KnownSeries::iterator>(created);
  } else if (known->second.series.type() != line.type) {
    return StatsdDrop::kConflict;
  }
  if (!known->second.series.Take(line, now)) return StatsdDrop::kMalformed;
  return std::nullopt;
}

std::variant<Aggregator::KnownSeries::iterator, StatsdDrop> Aggregator::Create(
    Key key, StatsdType type, Application& application) {
  auto planned = PlanFor(key, type);
  if (const auto* why = std::get_if<StatsdDrop>(&planned)) return *why;
  const auto& plan = std::get<Plan>(planned);
  if (const auto why = Refuse(plan, application)) return *why;
  std::vector<SeriesId> ids;
  for (const Series& series : plan.series) {
    const auto id = table_.Intern(series);
    if (!id) return StatsdDrop::kNames;  // The machine itself has used the table up.
    ids.push_back(*id);
  }
  in_use_.insert(ids.begin(), ids.end());
  application.series += ids.size();
  application.names += plan.new_names;
  names_ += plan.new_names;
  names_bytes_ += plan.new_bytes;
  series_bytes_ += plan.bytes;
  return known_
      .emplace(std::move(key), Known{.series = ApplicationSeries(type, std::move(ids)),
                                     .application = &application,
                                     .bytes = plan.bytes})
      .first;
}

std::variant<Aggregator::Plan, StatsdDrop> Aggregator::PlanFor(const Key& key,
                                                               StatsdType type) const {
  Plan plan;
  for (std::string& metric : MetricNamesOf(key.metric, type)) {
    if (metric.size() > kMostNameBytes) return StatsdDrop::kMalformed;
    if (FindMetric(metric) != nullptr) return StatsdDrop::kConflict;
    const Series& series = plan.series.emplace_back(std::move(metric), key.labels);
    const auto id = table_.Find(series);
    if (id && in_use_.contains(*id)) return StatsdDrop::kConflict;
    if (id) continue;
    ++plan.new_names;
    plan.new_bytes += 2 * kNodeBytes + sizeof(Series) + TextBytes(series);
  }
  plan.bytes = sizeof(KnownSeries::value_type) + kNodeBytes + TextBytes(key) +
               plan.series.size() * (kNodeBytes + 2 * sizeof(SeriesId));
  return plan;
}

std::optional<StatsdDrop> Aggregator::Refuse(const Plan& plan,
                                             const Application& application) const {
  if (application.series + plan.series.size() > limits_.max_series) return StatsdDrop::kSeries;
  if (names_ + plan.new_names > kMostNames ||
      application.names + plan.new_names > kMostNamesOfOne) {
    return StatsdDrop::kNames;
  }
  const std::size_t bytes = series_bytes_ + names_bytes_ + plan.bytes + plan.new_bytes;
  if (bytes > limits_.max_memory.count) return StatsdDrop::kMemory;
  return std::nullopt;
}

void Aggregator::AddTo(std::vector<Reading>& readings, SteadyTime now) {
  for (auto known = known_.begin(); known != known_.end();) {
    if (now - known->second.series.last() >= limits_.forget_after) {
      known = Forget(known);
    } else {
      known->second.series.AddTo(readings);
      ++known;
    }
  }
  ForgetApplications(now);
}

Aggregator::KnownSeries::iterator Aggregator::Forget(KnownSeries::iterator known) {
  for (const SeriesId id : known->second.series.ids()) in_use_.erase(id);
  known->second.application->series -= known->second.series.ids().size();
  series_bytes_ -= known->second.bytes;
  return known_.erase(known);
}

void Aggregator::ForgetApplications(SteadyTime now) {
  std::erase_if(applications_, [&](const auto& each) {
    const Application& application = each.second;
    // What was dropped stays counted, and who names things without end stays known.
    return application.series == 0 && application.names <= kNamesToRemember &&
           application.counts.dropped == StatsdDrops{} &&
           now - application.last >= limits_.forget_after;
  });
}

Aggregator::Application& Aggregator::Find(const std::string& name) {
  const auto found = applications_.find(name);
  return found == applications_.end() ? other_ : found->second;
}

Aggregator::Application& Aggregator::FindOrAdd(const std::string& name) {
  const auto found = applications_.find(name);
  if (found != applications_.end()) return found->second;
  if (applications_.size() == kMostApplications || name == other_.counts.name) return other_;
  // Its count of lines is a series as well.
  const Series lines{std::string(metrics::kAgentStatsdLines.name), {{"application", name}}};
  if (!table_.Find(lines)) {
    if (names_ == kMostNames) return other_;
    ++names_;
  }
  return applications_.emplace(name, Application{.counts = {.name = name}}).first->second;
}

void Aggregator::Count(Application& application, StatsdDrop why) {
  ++application.counts.dropped.at(static_cast<std::size_t>(why));
}

void Aggregator::Describe(StatsdCounts& counts) const {
  for (const auto& [name, application] : applications_) {
    counts.applications.push_back(application.counts);
  }
  const bool heard_of_others = other_.counts.lines > 0 || other_.counts.dropped != StatsdDrops{};
  if (heard_of_others) counts.applications.push_back(other_.counts);
  counts.series = in_use_.size();
  counts.memory_bytes = series_bytes_ + names_bytes_;
}

}  // namespace edgefeed
