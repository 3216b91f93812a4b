// A Gaussian process with a sum of kernels: linear in the features, additive in the decisions (main effects), and an
// exponential of the weighted distance (interactions of any order).
#include "synth/engine/accuracy_model.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace synth::engine {
namespace {

using Eigen::ArrayXd;
using Eigen::ArrayXXd;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using search_space::Design;

// Logarithms of the kernel's relative amplitudes, its length and the relative noise.
struct Hyper {
  enum Index { constant, linear, additive, pairs, product, length, noise, count };
  std::array<double, count> value = {std::log(1.0), std::log(0.3), std::log(0.5), std::log(0.2),
                                     std::log(0.3), std::log(1.0), std::log(1e-3)};
};
constexpr std::array<double, Hyper::count> prior_centre = {0.0, -1.2, -0.7, -1.6, -1.2, 0.0, -7.0};
constexpr std::array<double, Hyper::count> prior_width = {1.0, 1.2, 1.2, 1.5, 1.2, 0.8, 1.5};
constexpr double hyper_step = 0.7;
constexpr double relevance_step = 1.6, relevance_width = 0.7;
constexpr double scale_strength = 3;  // the prior scale counts as so many observations

}  // namespace

struct AccuracyModel::State {
  const search_space::DesignSpace& space;
  std::vector<double> slopes;
  double scale;
  std::vector<double> relevance;
  std::vector<MatrixXd> likeness;  // per decision: of values, in [0, 1]; last index = inactive
  Hyper hyper{};

  std::vector<std::vector<int>> codes{};
  MatrixXd features{};           // observation x feature
  std::vector<MatrixXd> near{};  // per decision: likeness of observation (row) and value (column)
  VectorXd residuals{};
  double centre = 0;
  double variance = scale * scale;  // sigma^2, amplitude of the whole kernel
  Eigen::LLT<MatrixXd> factor{};
  VectorXd weights{};
  VectorXd measured{};  // variances
  // Between observations; squares: of what single decisions add to `additive`.
  ArrayXXd linear{}, additive{}, squares{};

  std::vector<int> code(const Design& design) const {
    std::vector<int> result(design.size());
    for (int d = 0; d < static_cast<int>(design.size()); ++d)
      result[d] = space.active(design, d) ? design[d] : space.decisions()[d].size();
    return result;
  }
  double share(double relevance) const { return relevance / static_cast<double>(this->relevance.size()); }
  // What a design, or all, have in common with each observation. The weighted distance is that of all decisions less
  // what `additive` says is alike.
  template <typename Linear, typename Additive, typename Squares>
  ArrayXXd kernel(const Linear& linear, const Additive& additive, const Squares& squares) const {
    const auto e = exps(hyper);
    const double count = static_cast<double>(relevance.size());
    const double farthest = std::accumulate(relevance.begin(), relevance.end(), 0.0);
    return e[Hyper::constant] + e[Hyper::linear] * linear + e[Hyper::additive] * additive +
           e[Hyper::pairs] * (additive.square() - squares) +
           e[Hyper::product] * ((count * additive - farthest) / e[Hyper::length]).exp();
  }
  static std::array<double, Hyper::count> exps(const Hyper& h) {
    std::array<double, Hyper::count> e{};
    for (int i = 0; i < Hyper::count; ++i) e[i] = std::exp(h.value[i]);
    return e;
  }
  void prepare() {
    const auto n = static_cast<Eigen::Index>(codes.size());
    linear = (features * features.transpose()).array();
    additive = squares = ArrayXXd::Zero(n, n);
    for (std::size_t d = 0; d < relevance.size(); ++d)
      add(d, share(relevance[d]), share(relevance[d]) * share(relevance[d]));
  }
  void add(std::size_t decision, double weight, double square) {
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const auto column = near[decision].col(codes[i][decision]).array();
      additive.col(static_cast<Eigen::Index>(i)) += weight * column;
      squares.col(static_cast<Eigen::Index>(i)) += square * column.square();
    }
  }
  void set_relevance(std::size_t decision, double value) {
    const double before = share(relevance[decision]), after = share(value);
    add(decision, after - before, after * after - before * before);
    relevance[decision] = value;
  }
  // Returns the negative log posterior of the hyperparameters and keeps the factorisation.
  double factorise() {
    const int n = static_cast<int>(codes.size());
    MatrixXd k = kernel(linear, additive, squares).matrix();
    k.diagonal().array() += std::exp(hyper.value[Hyper::noise]) + 1e-6 + measured.array() / variance;
    factor.compute(k);
    weights = factor.solve(residuals);
    const double fit = residuals.dot(weights);
    const double s2 = (scale_strength * scale * scale + fit) / (scale_strength + n);
    double log_det = 0;
    for (int i = 0; i < n; ++i) log_det += 2 * std::log(factor.matrixLLT()(i, i));
    double penalty = 0;
    for (int i = 0; i < Hyper::count; ++i)
      penalty += std::pow((hyper.value[i] - prior_centre[i]) / prior_width[i], 2) / 2;
    found_variance = s2;
    return 0.5 * log_det + 0.5 * (scale_strength + n) * std::log(s2) + penalty;
  }
  double found_variance = 1;
  int turn = 0;
  // Tries, decision by decision in turn, whether another relevance explains the observations better.
  void learn_relevances(int tries, double best) {
    for (int t = 0; t < std::min(tries, static_cast<int>(relevance.size())); ++t) {
      const std::size_t decision = relevance_turn++ % relevance.size();
      const double present = relevance[decision];
      double chosen = present, lowest = best + relevance_penalty(present);
      for (const double step : {relevance_step, 1 / relevance_step}) {
        set_relevance(decision, present * step);
        const double value = factorise() + relevance_penalty(relevance[decision]);
        if (value >= lowest) continue;
        lowest = value;
        chosen = relevance[decision];
      }
      set_relevance(decision, chosen);
      best = lowest - relevance_penalty(chosen);
    }
  }
  static double relevance_penalty(double relevance) { return std::pow(std::log(relevance) / relevance_width, 2) / 2; }
  std::size_t relevance_turn = 0;
  // Steps one amplitude, length or noise in turn; returns the negative log posterior reached.
  double learn_hyper(int tries, double best) {
    for (int t = 0; t < tries; ++t) {
      double& tried = hyper.value[turn++ % Hyper::count];
      const double present = tried;
      for (const double step : {hyper_step, -hyper_step}) {
        tried = present + step;
        const double value = factorise();
        if (value < best) {
          best = value;
          break;
        }
        tried = present;
      }
    }
    return best;
  }
  void learn() {
    const int n = static_cast<int>(codes.size());
    double best = factorise();
    if (n >= 3) best = learn_hyper(n < 60 ? Hyper::count * 2 : 4, best);
    if (n >= 4) learn_relevances(n < 60 ? 6 : 2, best);
    factorise();
    variance = found_variance;
  }
};

AccuracyModel::AccuracyModel(const search_space::DesignSpace& space, std::vector<double> slopes, double scale)
    : state_(new State{space, std::move(slopes), scale, std::vector<double>(space.decisions().size(), 1.0), {}}) {
  for (const auto& decision : space.decisions()) {
    const int size = decision.size();
    MatrixXd likeness = MatrixXd::Identity(size + 1, size + 1);
    if (decision.ordinal())
      for (int i = 0; i < size; ++i)
        for (int j = 0; j < size; ++j) {
          const double steps = static_cast<double>(i - j) / std::max(1, size - 1);
          likeness(i, j) = std::exp(-3 * steps * steps);
        }
    state_->likeness.push_back(std::move(likeness));
  }
}
AccuracyModel::~AccuracyModel() = default;
AccuracyModel::AccuracyModel(AccuracyModel&&) noexcept = default;

void AccuracyModel::fit(const std::vector<Observation>& observations) {
  State& s = *state_;
  const int n = static_cast<int>(observations.size()), width = static_cast<int>(s.slopes.size());
  s.codes.clear();
  s.features.resize(n, width);
  s.residuals.resize(n);
  s.measured.resize(n);
  for (int i = 0; i < n; ++i) {
    s.codes.push_back(s.code(observations[i].design));
    s.residuals(i) = observations[i].value;
    for (int j = 0; j < width; ++j) {
      s.features(i, j) = observations[i].features[j];
      s.residuals(i) -= s.slopes[j] * s.features(i, j);
    }
    s.measured(i) = observations[i].variance;
  }
  s.near.clear();
  for (std::size_t d = 0; d < s.likeness.size(); ++d) {
    s.near.emplace_back(n, s.likeness[d].cols());
    for (int i = 0; i < n; ++i) s.near.back().row(i) = s.likeness[d].row(s.codes[i][d]);
  }
  s.centre = s.residuals.mean();
  s.residuals.array() -= s.centre;
  s.prepare();
  s.learn();
}

Prediction AccuracyModel::predict(const Design& design, const std::vector<double>& features) const {
  const State& s = *state_;
  const auto code = s.code(design);
  const Eigen::Map<const VectorXd> known(features.data(), static_cast<Eigen::Index>(features.size()));
  ArrayXd additive = ArrayXd::Zero(static_cast<Eigen::Index>(s.codes.size())), squares = additive;
  Eigen::Array<double, 1, 1> own_additive(0.0), own_squares(0.0), own_linear(known.squaredNorm());
  for (std::size_t d = 0; d < code.size(); ++d) {
    const double weight = s.share(s.relevance[d]);
    own_additive += weight;
    own_squares += weight * weight;
    if (s.codes.empty()) continue;
    const auto column = s.near[d].col(code[d]).array();
    additive += weight * column;
    squares += (weight * column).square();
  }
  const double self = s.kernel(own_linear, own_additive, own_squares)(0);
  double mean = s.centre, explained = 0;
  for (std::size_t j = 0; j < s.slopes.size(); ++j) mean += s.slopes[j] * features[j];
  if (!s.codes.empty()) {  // before the first observation there is the prior alone, and no factor
    VectorXd k = s.kernel((s.features * known).array(), additive, squares).matrix();
    mean += k.dot(s.weights);
    s.factor.matrixL().solveInPlace(k);
    explained = k.squaredNorm();
  }
  return {mean, std::sqrt(s.variance * std::max(1e-9, self - explained)),
          std::sqrt(s.variance * std::exp(s.hyper.value[Hyper::noise]))};
}

}  // namespace synth::engine
