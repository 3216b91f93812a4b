// The synthesis loop: G_0 reproduces the prototype; each proposal is learned from everything evaluated so far.
#include "synth/engine/synthesis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>

#include "synth/engine/cost_range.h"
#include "synth/engine/escape.h"
#include "synth/engine/explanation.h"
#include "synth/engine/kinds.h"
#include "synth/engine/proposal.h"

namespace synth::engine {
namespace {

using search_space::Design;

constexpr int first_radius = 1, least_radius = 1, greatest_radius = 4;
constexpr int widest_look = 8;          // radius up to which a step without prospects is widened
constexpr int patience = 6;             // rejections in a row that shrink the trust region
constexpr double least_prospect = 0.1;  // expected improvement of U (dB) below which the region counts as exhausted
constexpr double least_joint_prospect = 0.02;  // likewise for all seeds at once, which is less probable
constexpr int scout_distance = 2;              // decisions in which networks evaluated at once differ at least
constexpr double kl_smoothing = 0.01;
constexpr double explored_size = 0.03;  // of the prototype's parameters x multiply-adds
constexpr double founding_size = 0.25;  // likewise
constexpr int beside_founder = 3;       // networks
constexpr std::size_t most_from_foothold = 40;  // candidates around the best network of another kind

class Synthesis {
 public:
  explicit Synthesis(Experiment& experiment) : experiment_(experiment), inquisitor_(experiment) {
    const Config& config = experiment.config();
    for (int i = 0; i < std::max(1, config.seeds); ++i)
      seeds_.push_back(search_space::stream_seed(config.seed, std::to_string(i), "generator seed"));
    radius_ = static_cast<int>(
        std::max<double>(first_radius, std::round(0.1 * static_cast<double>(experiment.space().decisions().size()))));
    greatest_ = std::max(greatest_radius, 2 * radius_);
  }

  void run() {
    start();
    explore_kinds();
    while (!done()) {
      const Target target = this->target();
      inquisitor_.learn(target.centre);
      std::optional<Proposal> proposal = known_better() ? point_mass(target.centre, target.radius) : propose(target);
      if (!proposal) return;
      decide(*proposal);
    }
  }

 private:
  struct Proposal {
    Generator generator;
    std::vector<Design> designs;  // one per seed
    int radius = 0;
    std::vector<Design> scouts = {};  // evaluated with it though no seed generates them: they fill its last batch
  };

  bool done() const {
    const int wanted = experiment_.config().generators;
    return wanted > 0 && accepted_ >= wanted;
  }

  // G_0. It need not be feasible: then the first feasible generator is accepted whatever its U.
  void start() {
    generator_ = generator_of(experiment_.space(), experiment_.space().prototype());
    const Record& record = *experiment_.evaluate({experiment_.space().prototype()}).front();
    GeneratorRecord entry;
    entry.accepted = record.feasible;
    entry.reason = reason_of_prototype(experiment_, record);
    entry.theta = generator_.theta;
    entry.trust_region = radius_;
    entry.mean_performance = record.performance;
    entry.networks.assign(seeds_.size(), record.id);
    entry.seeds = seeds_;
    designs_.assign(seeds_.size(), record.design);
    feasible_ = record.feasible;
    performance_ = record.performance;
    experiment_.record(std::move(entry));
  }

  // One network of each kind of module, all of one size and trained alike, the prototype's own kind among them: what
  // the space can be made of is looked at before anything is shrunk. The most promising is the proposal, the others are
  // evaluated with it. A kind that is clearly better than the prototype's own founds what follows: the next proposal is
  // a network of it, large enough to be trained as the prototype was, and fitted to it.
  void explore_kinds() {
    const Config& config = experiment_.config();
    const TrainingEpochs epochs = experiment_.training_epochs();
    if (!config.explore_kinds || !config.model || epochs.inherited <= 0) return;
    const std::vector<Design> alike = unknown_of_each_kind(explored_size);
    if (alike.size() < 2) return;
    explored_ = true;
    Proposal proposal = point_mass(alike.front(), static_cast<int>(alike.front().size()));
    proposal.scouts.assign(alike.begin() + 1, alike.end());
    decide(proposal, Effort::alike);
    const auto& space = experiment_.space();
    const std::string kind = clearly_better_kind(experiment_, alike, main_kind(space, space.prototype()));
    for (const Design& design : unknown_of_each_kind(founding_size))
      if (main_kind(space, design) == kind) return found(design);
  }

  // As its training takes long, networks around the centre are tried beside it.
  void found(const Design& design) {
    Proposal proposal = point_mass(design, static_cast<int>(design.size()));
    add_scouts(proposal, candidates(inquisitor_, experiment_.space(), target()), beside_founder);
    decide(proposal);
  }

  // Networks of each kind, of that share of the prototype's size, the most promising first.
  std::vector<Design> unknown_of_each_kind(double size) {
    const Target target = this->target();
    inquisitor_.learn(target.centre);
    std::vector<Candidate> found;
    for (Design& design : networks_of_each_kind(experiment_.space(), experiment_.space().prototype(), size)) {
      if (experiment_.find(design) != nullptr ||
          !experiment_.objective().cost_feasible(experiment_.space().cost(design)))
        continue;
      const double value = acquisition(inquisitor_.judge(design), target);
      found.push_back({std::move(design), value});
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.value > b.value; });
    std::vector<Design> result;
    for (Candidate& candidate : found) result.push_back(std::move(candidate.design));
    return result;
  }

  // What the beam finds around the centre and, as long as the region is not being shrunk to nothing, around the best
  // network of each other kind: a whole network of another kind is out of reach of a few moves.
  std::vector<Candidate> reachable(const Target& target) {
    std::vector<Candidate> found = candidates(inquisitor_, experiment_.space(), target);
    if (!explored_) return found;
    for (const Design& foothold : best_of_other_kinds(experiment_, target.centre)) {
      Target from = target;
      from.centre = foothold;
      std::vector<Candidate> others = candidates(inquisitor_, experiment_.space(), from);
      if (others.size() > most_from_foothold) others.resize(most_from_foothold);
      found.insert(found.end(), others.begin(), others.end());
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.value > b.value; });
    return found;
  }

  // The centre of the trust region: the best feasible network, or the one closest to feasibility.
  const Record& centre() const {
    if (const Record* best = experiment_.best()) return *best;
    const Record* nearest = experiment_.records().front().get();
    double most = -1;
    for (const auto& record : experiment_.records()) {
      const double excess = experiment_.objective().cost_excess(record->evaluation.cost);
      const double closeness = record->accuracy_lower_bound / std::max(1.0, excess);
      if (record->evaluation.outcome != evaluators::Outcome::trained || closeness <= most) continue;
      nearest = record.get();
      most = closeness;
    }
    return *nearest;
  }

  Target target() const {
    Target result;
    const Record& centre = this->centre();
    result.centre = centre.design;
    result.feasible_known = feasible_ || experiment_.best() != nullptr;
    // One seed: the best network is the generator. Several: their mean must rise, whatever single networks reached.
    result.performance = seeds_.size() == 1 || !feasible_ ? centre.performance : performance_;
    // Without a region, as far as it could ever reach or any step looks: the time of a beam grows with its depth.
    result.radius = experiment_.config().trust_region
                        ? radius_
                        : std::min(static_cast<int>(centre.design.size()), std::max(greatest_, widest_look));
    return result;
  }

  // Whether the generator of the best network alone is better for certain: where a rejected proposal contained the
  // first feasible network, or, for one seed, where a scout surpassed its proposal.
  bool known_better() const {
    const Record* best = experiment_.best();
    return best != nullptr && (!feasible_ || (seeds_.size() == 1 && best->performance > performance_ + 1e-9));
  }

  std::optional<Proposal> propose(Target target) {
    if (seeds_.size() == 1 && target.feasible_known && inquisitor_.believes()) target.standings = standings(experiment_, inquisitor_);
    if (!experiment_.objective().cost_feasible(experiment_.space().cost(target.centre)))
      if (const Design design = within_bounds(target); !design.empty()) return point_mass(design, target.radius);
    const int widest = std::max(target.radius, std::min<int>(widest_look, static_cast<int>(target.centre.size())));
    for (; target.radius <= widest; ++target.radius)
      if (auto proposal = within_radius(target, target.radius == widest)) return proposal;
    target.radius = widest;
    return escape(target);
  }

  std::optional<Proposal> within_radius(const Target& target, bool widest) {
    const std::vector<Candidate> found = reachable(target);
    if (found.empty()) return std::nullopt;
    std::optional<Proposal> proposal;
    double joint = -1e300;
    if (seeds_.size() > 1) proposal = jointly(target, found, joint);
    const double effort = inquisitor_.judge(found.front().design).effort;
    // All seeds stay within the region; what lies beyond, around another kind, is for all of them alike.
    const bool beyond = moves_apart(experiment_.space(), found.front().design, target.centre) > target.radius;
    if (proposal && beyond && found.front().value > std::max(least_prospect / effort, std::exp(joint)))
      proposal.reset();
    if (!proposal && found.front().value > least_prospect / effort && (seeds_.size() == 1 || widest || beyond))
      proposal = point_mass(found.front().design, target.radius);
    if (proposal) add_scouts(*proposal, found);
    return proposal;
  }

  // From a centre beyond the cost bounds, to an unknown network within them; empty if none is found.
  Design within_bounds(const Target& target) {
    Design design = affordable(inquisitor_, experiment_.space(), experiment_.objective(), target);
    if (!design.empty()) return design;
    const auto& space = experiment_.space();
    if (cheapest_.empty())
      cheapest_ = space.canonical(cost_range(space, experiment_.objective().requirements()).least_excess.design);
    return experiment_.find(cheapest_) == nullptr ? cheapest_ : Design{};
  }

  // The most promising networks that differ from each of the proposal's, as many as keep whole batches busy.
  void add_scouts(Proposal& proposal, const std::vector<Candidate>& found, int wanted = 0) const {
    const auto& space = experiment_.space();
    std::vector<Design> taken;
    int open = 0;  // networks to evaluate
    for (const Design& design : proposal.designs) {
      if (std::find(taken.begin(), taken.end(), design) != taken.end()) continue;
      taken.push_back(design);
      open += experiment_.find(design) == nullptr ? 1 : 0;
    }
    const int batch = std::max(1, experiment_.config().at_once);
    for (const Candidate& candidate : found) {
      if ((static_cast<int>(proposal.scouts.size()) >= wanted && open % batch == 0) || candidate.value <= 0) return;
      const bool near = std::any_of(taken.begin(), taken.end(), [&](const Design& other) {
        return space.distance(candidate.design, other) < scout_distance;
      });
      if (near) continue;
      taken.push_back(candidate.design);
      proposal.scouts.push_back(candidate.design);
      ++open;
    }
  }

  Proposal point_mass(const Design& design, int radius) const {
    return {generator_of(experiment_.space(), design), std::vector<Design>(seeds_.size(), design), radius};
  }

  // `prospect`: its logarithm.
  std::optional<Proposal> jointly(const Target& target, const std::vector<Candidate>& found, double& prospect) {
    std::vector<Design> starts = {target.centre};
    for (std::size_t i = 0; i < std::min<std::size_t>(2, found.size()); ++i) starts.push_back(found[i].design);
    Joint joint = joint_proposal(inquisitor_, experiment_.space(), target, seeds_, starts);
    prospect = joint.value;
    if (joint.value < std::log(least_joint_prospect)) return std::nullopt;
    return Proposal{std::move(joint.generator), std::move(joint.designs), target.radius};
  }

  // Nothing within reach promises an improvement. By turns, what would be promising if the model were less sure of
  // itself, and the most promising of random networks farther and farther away: the former finds what a wrong
  // extrapolation hides, the latter what no chain of promising moves leads to.
  std::optional<Proposal> escape(const Target& target) {
    const bool doubting = ++escapes_ % 2 == 0;
    std::vector<Candidate> found =
        doubting ? doubted_networks(target) : random_networks(inquisitor_, experiment_, target);
    if (found.empty()) found = doubting ? random_networks(inquisitor_, experiment_, target) : doubted_networks(target);
    if (found.empty()) return std::nullopt;
    Proposal proposal = point_mass(found.front().design, static_cast<int>(target.centre.size()));
    add_scouts(proposal, found);
    return proposal;
  }

  // What a less certain model would still hope for; nothing that costs rule out, and nothing where all is certain.
  std::vector<Candidate> doubted_networks(Target target) {
    if (!inquisitor_.believes()) return {};
    target.doubting = true;
    std::vector<Candidate> found = candidates(inquisitor_, experiment_.space(), target);
    std::erase_if(found, [](const Candidate& candidate) { return candidate.value <= 0; });
    return found;
  }

  void decide(const Proposal& proposal, Effort effort = Effort::full) {
    GeneratorRecord entry;
    entry.evidence = explain(inquisitor_, experiment_, designs_, proposal.designs);
    std::exception_ptr ended;
    const std::vector<const Record*> networks = evaluate(proposal, effort, ended);
    for (std::string& sentence : explain_fits(experiment_, networks)) entry.evidence.push_back(std::move(sentence));
    double sum = 0;
    int trained = 0;
    std::string violation;
    for (const Record* record : networks) {
      entry.networks.push_back(record->id);
      if (record->evaluation.outcome == evaluators::Outcome::trained) {
        sum += record->performance;
        ++trained;
      }
      if (!record->feasible && violation.empty())
        violation = fmt::format("network {}: {}", record->id, experiment_.objective().violation(record->evaluation));
    }
    entry.mean_performance = trained > 0 ? sum / trained : 0;
    entry.accepted = violation.empty() && (!feasible_ || entry.mean_performance > performance_ + 1e-9);
    entry.index = accepted_ + 1;
    entry.parent = parent_;
    entry.theta = proposal.generator.theta;
    entry.kl = kl_divergence(experiment_.space(), proposal.generator, generator_, kl_smoothing);
    entry.trust_region = proposal.radius;
    entry.seeds = seeds_;
    entry.reason = reason(entry, violation);
    adapt(entry.accepted);
    if (entry.accepted) {
      generator_ = proposal.generator;
      designs_ = proposal.designs;
      parent_ = static_cast<int>(experiment_.generators().size());
      performance_ = entry.mean_performance;
      feasible_ = true;
      ++accepted_;
    }
    experiment_.record(std::move(entry));
    if (ended) std::rethrow_exception(ended);
  }

  // One record per seed. `ended`: why the run ends where that came after the proposal's own networks, among its scouts.
  std::vector<const Record*> evaluate(const Proposal& proposal, Effort effort, std::exception_ptr& ended) {
    std::vector<Design> asked = proposal.designs;
    asked.insert(asked.end(), proposal.scouts.begin(), proposal.scouts.end());
    try {
      experiment_.evaluate(asked, effort);
    } catch (const Experiment::BudgetExhausted&) {
      ended = std::current_exception();
    } catch (const Experiment::Interrupted&) {
      ended = std::current_exception();
    }
    std::vector<const Record*> networks;
    for (const Design& design : proposal.designs) {
      networks.push_back(experiment_.find(design));
      if (networks.back() == nullptr) std::rethrow_exception(ended);
    }
    return networks;
  }

  std::string reason(const GeneratorRecord& entry, const std::string& violation) const {
    if (!violation.empty()) return violation;
    if (!feasible_)
      return fmt::format("every network is feasible for the first time, mean U {:.2f}", entry.mean_performance);
    if (entry.accepted)
      return fmt::format("mean U {:.2f} after {:.2f}, every network is feasible", entry.mean_performance, performance_);
    return fmt::format("mean U {:.2f} does not exceed {:.2f}, though every network is feasible", entry.mean_performance,
                       performance_);
  }

  void adapt(bool accepted) {
    if (accepted) {
      radius_ = std::min(greatest_, radius_ + 1);
      rejections_ = 0;
    } else if (++rejections_ >= patience) {
      radius_ = std::max(least_radius, radius_ - 1);
      rejections_ = 0;
    }
  }

  Experiment& experiment_;
  Inquisitor inquisitor_;
  std::vector<std::uint64_t> seeds_;
  Generator generator_;
  std::vector<Design> designs_;  // what it generates, one per seed
  Design cheapest_;              // nearest to the cost bounds, or within them; found when first needed
  int parent_ = 0;               // proposal of the last accepted generator
  int accepted_ = 0;             // k of it
  bool feasible_ = false;        // it was accepted, not just G_0 of an infeasible prototype
  double performance_ = 0;       // its mean U
  int radius_ = first_radius;
  int greatest_ = greatest_radius;
  int rejections_ = 0;
  int escapes_ = 0;
  bool explored_ = false;  // kinds of modules
};

}  // namespace

void synthesize(Experiment& experiment) {
  Synthesis(experiment).run();
}

}  // namespace synth::engine
