// The fused batch norm as one node of LibTorch's autograd graph.
#include "evaluators/batch_norm.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "evaluators/batch_norm_kernels.h"
#include "evaluators/network.h"
#include "evaluators/simd.h"

namespace evaluators {

using kernels::Extent;
using simd::Bf16;
using torch::Tensor;

namespace {

Tensor rows_first(const Tensor& x) {
  return x.contiguous(at::MemoryFormat::ChannelsLast);
}

Extent extent_of(const Tensor& x) {
  return {x.size(0) * x.size(2) * x.size(3), static_cast<int>(x.size(1))};
}

template <typename T>
T* data(const Tensor& x) {
  return x.defined() ? static_cast<T*>(x.data_ptr()) : nullptr;
}

// Calls body with a value of the element type of x.
template <typename Body>
void typed(const Tensor& x, Body body) {
  if (x.scalar_type() == torch::kBFloat16)
    body(Bf16{});
  else
    body(float{});
}

// factor and offset such that batch_norm(x) = x * factor + offset.
struct Affine {
  std::vector<float> factor, offset;

  template <typename Mean, typename Variance>
  Affine(const BatchNormTensors& tensors, Mean mean, Variance variance) {
    const float* weight = tensors.weight.data_ptr<float>();
    const float* bias = tensors.bias.data_ptr<float>();
    for (std::int64_t c = 0; c < tensors.weight.numel(); ++c) {
      const double scale = weight[c] / std::sqrt(variance[c] + batch_norm_epsilon);
      factor.push_back(static_cast<float>(scale));
      offset.push_back(static_cast<float>(bias[c] - mean[c] * scale));
    }
  }
};

void update_running(const BatchNormTensors& tensors, const kernels::Moments& moments, std::int64_t rows) {
  float* mean = tensors.running_mean.data_ptr<float>();
  float* variance = tensors.running_var.data_ptr<float>();
  const double unbiased = rows > 1 ? static_cast<double>(rows) / (rows - 1) : 1.0;
  for (std::size_t c = 0; c < moments.mean.size(); ++c) {
    mean[c] += static_cast<float>(batch_norm_momentum * (moments.mean[c] - mean[c]));
    variance[c] += static_cast<float>(batch_norm_momentum * (moments.variance[c] * unbiased - variance[c]));
  }
}

Tensor apply_affine(const Tensor& x, const Tensor& residual, const Affine& affine, bool relu, Tensor y) {
  typed(x, [&](auto type) {
    using T = decltype(type);
    kernels::affine(data<const T>(x), data<const T>(residual), affine.factor.data(), affine.offset.data(), relu,
                    data<T>(y), extent_of(x));
  });
  return y;
}

class FusedBatchNorm : public torch::autograd::Function<FusedBatchNorm> {
 public:
  // `added` without elements stands for no residual: autograd takes no undefined tensors, and the optional type it
  // takes differs between LibTorch 1 and 2.
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& input, const Tensor& weight,
                        const Tensor& bias, const Tensor& added, const BatchNormTensors& tensors, bool relu) {
    const Tensor residual = added.numel() > 0 ? added : Tensor();
    const Tensor x = rows_first(input);
    const Tensor other = residual.defined() ? rows_first(residual) : residual;
    kernels::Moments moments;
    typed(x, [&](auto type) { moments = kernels::moments(data<const decltype(type)>(x), extent_of(x)); });
    const std::int64_t channels = x.size(1);
    const Tensor mean = at::empty({channels}), inverse = at::empty({channels});
    for (std::int64_t c = 0; c < channels; ++c) {
      mean.data_ptr<float>()[c] = static_cast<float>(moments.mean[c]);
      inverse.data_ptr<float>()[c] = static_cast<float>(1.0 / std::sqrt(moments.variance[c] + batch_norm_epsilon));
    }
    update_running(tensors, moments, extent_of(x).rows);
    const Tensor y =
        apply_affine(x, other, Affine({weight, bias, {}, {}}, moments.mean, moments.variance), relu, at::empty_like(x));
    context->saved_data["relu"] = relu;
    context->saved_data["residual"] = residual.defined();
    context->save_for_backward({x, relu ? y : Tensor(), weight, mean, inverse});
    return y;
  }

  // With m rows, g the gradient behind the ReLU, xhat = (x - mean) / deviation (Ioffe & Szegedy 2015, section 3):
  // dx = weight / deviation * (g - sum(g) / m - xhat * sum(g * xhat) / m), written as g * a + x * b + c.
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &y = saved[1], &weight = saved[2], &mean = saved[3], &inverse = saved[4];
    const Tensor gradient = rows_first(gradients[0]);
    const bool residual = context->saved_data["residual"].toBool(), relu = context->saved_data["relu"].toBool();
    const Extent extent = extent_of(x);
    const Tensor gx = at::empty_like(x), gw = at::empty_like(weight), gb = at::empty_like(weight);
    const Tensor masked = residual && relu ? at::empty_like(x) : Tensor();
    typed(x, [&](auto type) {
      using T = decltype(type);
      const T *g = data<const T>(gradient), *out = data<const T>(y), *in = data<const T>(x);
      const auto sums = kernels::gradient_sums(g, out, in, mean.data_ptr<float>(), extent);
      std::vector<float> a(extent.channels), b(extent.channels), c(extent.channels);
      for (int i = 0; i < extent.channels; ++i) {
        const double m = static_cast<double>(extent.rows), mu = mean.data_ptr<float>()[i];
        const double inv = inverse.data_ptr<float>()[i], projected = sums.centred[i] * inv;
        const double scale = weight.data_ptr<float>()[i] * inv, slope = -scale * inv * projected / m;
        a[i] = static_cast<float>(scale);
        b[i] = static_cast<float>(slope);
        c[i] = static_cast<float>(-scale * sums.gradient[i] / m - slope * mu);
        gw.data_ptr<float>()[i] = static_cast<float>(projected);
        gb.data_ptr<float>()[i] = static_cast<float>(sums.gradient[i]);
      }
      kernels::gradient_affine(g, out, in, a.data(), b.data(), c.data(), data<T>(gx), data<T>(masked), extent);
    });
    const Tensor none, to_residual = !residual ? none : (relu ? masked : gradient);
    return {gx, gw, gb, to_residual, none, none};
  }
};

}  // namespace

Tensor fused_batch_norm(const Tensor& x, const Tensor& residual, const BatchNormTensors& tensors, bool training,
                        bool relu) {
  if (training) {
    const Tensor added = residual.defined() ? residual : at::empty({0});
    return FusedBatchNorm::apply(x, tensors.weight, tensors.bias, added, tensors, relu);
  }
  const Tensor in = rows_first(x), other = residual.defined() ? rows_first(residual) : residual;
  const Affine affine(tensors, tensors.running_mean.data_ptr<float>(), tensors.running_var.data_ptr<float>());
  return apply_affine(in, other, affine, relu, at::empty_like(in));
}

}  // namespace evaluators
