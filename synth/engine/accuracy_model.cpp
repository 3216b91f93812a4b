// A Gaussian process with a sum of kernels: linear in the features, additive in the decisions (main effects), and an
// exponential of the weighted distance (interactions of any order).
#include "synth/engine/accuracy_model.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>

namespace synth::engine {
namespace {

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
constexpr double relevance_step = 1.6, relevance_width = 0.7;
constexpr double scale_strength = 3;  // the prior scale counts as so many observations

}  // namespace

struct AccuracyModel::State {
  const search_space::DesignSpace& space;
  std::vector<double> slopes;
  double scale;
  std::vector<double> relevance;
  std::vector<MatrixXd> apart;  // per decision: squared distance between values in [0, 1]; last index = inactive
  Hyper hyper;

  std::vector<std::vector<int>> codes;
  std::vector<std::vector<double>> features;
  VectorXd residuals;
  double centre = 0;
  double variance = 1;  // sigma^2, amplitude of the whole kernel
  Eigen::LLT<MatrixXd> factor;
  VectorXd weights;
  VectorXd measured;  // variances

  std::vector<int> code(const Design& design) const {
    std::vector<int> result(design.size());
    for (int d = 0; d < static_cast<int>(design.size()); ++d)
      result[d] = space.active(design, d) ? design[d] : space.decisions()[d].size();
    return result;
  }
  struct Parts {
    double linear, additive, pairs, distance;
  };
  Parts parts(const std::vector<int>& a, const std::vector<double>& fa, const std::vector<int>& b,
              const std::vector<double>& fb) const {
    Parts p{0, 0, 0, 0};
    double sum2 = 0;
    for (std::size_t j = 0; j < fa.size(); ++j) p.linear += fa[j] * fb[j];
    for (std::size_t d = 0; d < a.size(); ++d) {
      const double far = apart[d](a[d], b[d]), near = (1 - far) * relevance[d] / static_cast<double>(a.size());
      p.additive += near;
      sum2 += near * near;
      p.distance += relevance[d] * far;
    }
    p.pairs = (p.additive * p.additive - sum2);
    return p;
  }
  double kernel(const Parts& p, const std::array<double, Hyper::count>& e) const {
    return e[Hyper::constant] + e[Hyper::linear] * p.linear + e[Hyper::additive] * p.additive +
           e[Hyper::pairs] * p.pairs + e[Hyper::product] * std::exp(-p.distance / e[Hyper::length]);
  }
  static std::array<double, Hyper::count> exps(const Hyper& h) {
    std::array<double, Hyper::count> e{};
    for (int i = 0; i < Hyper::count; ++i) e[i] = std::exp(h.value[i]);
    return e;
  }
  std::vector<Parts> pairwise;  // lower triangle
  void prepare() {
    const int n = static_cast<int>(codes.size());
    pairwise.resize(n * (n + 1) / 2);
    std::size_t at = 0;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j <= i; ++j) pairwise[at++] = parts(codes[i], features[i], codes[j], features[j]);
  }
  // Returns the negative log posterior of the hyperparameters and keeps the factorisation.
  double factorise(const Hyper& h) {
    const int n = static_cast<int>(codes.size());
    const auto e = exps(h);
    MatrixXd k(n, n);
    std::size_t at = 0;
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j <= i; ++j) k(i, j) = kernel(pairwise[at++], e);
      k(i, i) += e[Hyper::noise] + 1e-6 + measured(i) / variance;
    }
    factor.compute(k);
    weights = factor.solve(residuals);
    const double fit = residuals.dot(weights);
    const double s2 = (scale_strength * scale * scale + fit) / (scale_strength + n);
    double log_det = 0;
    for (int i = 0; i < n; ++i) log_det += 2 * std::log(factor.matrixLLT()(i, i));
    double penalty = 0;
    for (int i = 0; i < Hyper::count; ++i) penalty += std::pow((h.value[i] - prior_centre[i]) / prior_width[i], 2) / 2;
    found_variance = s2;
    return 0.5 * log_det + 0.5 * (scale_strength + n) * std::log(s2) + penalty;
  }
  double found_variance = 1;
  int turn = 0;
  // Tries, decision by decision in turn, whether another relevance explains the observations better.
  void learn_relevances(int tries, double best) {
    for (int t = 0; t < std::min(tries, static_cast<int>(relevance.size())); ++t) {
      double& tried = relevance[relevance_turn++ % relevance.size()];
      const double present = tried;
      double chosen = present, lowest = best + relevance_penalty(present);
      for (const double step : {relevance_step, 1 / relevance_step}) {
        tried = present * step;
        prepare();
        const double value = factorise(hyper) + relevance_penalty(tried);
        if (value >= lowest) continue;
        lowest = value;
        chosen = tried;
      }
      tried = chosen;
      best = lowest - relevance_penalty(chosen);
    }
    prepare();
  }
  static double relevance_penalty(double relevance) { return std::pow(std::log(relevance) / relevance_width, 2) / 2; }
  std::size_t relevance_turn = 0;
  void learn() {
    const int n = static_cast<int>(codes.size());
    double best = factorise(hyper);
    if (n >= 3) {
      const int tries = n < 60 ? Hyper::count * 2 : 4;
      for (int t = 0; t < tries; ++t) {
        const int which = turn++ % Hyper::count;
        for (const double step : {0.7, -0.7}) {
          Hyper next = hyper;
          next.value[which] += step;
          const double value = factorise(next);
          if (value < best) {
            best = value;
            hyper = next;
            break;
          }
        }
      }
    }
    if (n >= 4) learn_relevances(n < 60 ? 6 : 2, best);
    factorise(hyper);
    variance = found_variance;
  }
};

AccuracyModel::AccuracyModel(const search_space::DesignSpace& space, std::vector<double> slopes, double scale)
    : state_(new State{space, std::move(slopes), scale, {}, {}, {}, {}, {}, {}, 0, scale * scale, {}, {}, {}, {}}) {
  for (const auto& decision : space.decisions()) {
    const int size = decision.size();
    MatrixXd apart = MatrixXd::Constant(size + 1, size + 1, 1.0);
    for (int i = 0; i <= size; ++i) apart(i, i) = 0;
    if (decision.ordinal())
      for (int i = 0; i < size; ++i)
        for (int j = 0; j < size; ++j) {
          const double steps = static_cast<double>(i - j) / std::max(1, size - 1);
          apart(i, j) = 1 - std::exp(-3 * steps * steps);
        }
    state_->apart.push_back(std::move(apart));
    state_->relevance.push_back(1);
  }
}
AccuracyModel::~AccuracyModel() = default;
AccuracyModel::AccuracyModel(AccuracyModel&&) noexcept = default;

void AccuracyModel::fit(const std::vector<Observation>& observations) {
  State& s = *state_;
  const int n = static_cast<int>(observations.size());
  s.codes.clear();
  s.features.clear();
  s.residuals.resize(n);
  s.measured.resize(n);
  s.centre = 0;
  for (int i = 0; i < n; ++i) {
    s.codes.push_back(s.code(observations[i].design));
    s.features.push_back(observations[i].features);
    s.residuals(i) = observations[i].value;
    for (std::size_t j = 0; j < s.slopes.size(); ++j) s.residuals(i) -= s.slopes[j] * observations[i].features[j];
    s.measured(i) = observations[i].variance;
  }
  s.centre = s.residuals.mean();
  s.residuals.array() -= s.centre;
  s.prepare();
  s.learn();
}

Prediction AccuracyModel::predict(const Design& design, const std::vector<double>& features) const {
  const State& s = *state_;
  const auto code = s.code(design);
  const auto e = State::exps(s.hyper);
  VectorXd k(s.codes.size());
  for (std::size_t i = 0; i < s.codes.size(); ++i)
    k(i) = s.kernel(s.parts(code, features, s.codes[i], s.features[i]), e);
  double mean = s.centre + k.dot(s.weights);
  for (std::size_t j = 0; j < s.slopes.size(); ++j) mean += s.slopes[j] * features[j];
  // Before the first observation there is the prior alone, and no factor.
  const double explained = s.codes.empty() ? 0 : s.factor.matrixL().solve(k).squaredNorm();
  const double self = s.kernel(s.parts(code, features, code, features), e);
  return {mean, std::sqrt(s.variance * std::max(1e-9, self - explained))};
}

}  // namespace synth::engine
