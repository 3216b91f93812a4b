// The dashboard's HTTP server: five addresses, on this machine alone.
#pragma once

#include <atomic>
#include <memory>

#include "synth/cli/dashboard_source.h"

namespace synth::cli {

class DashboardServer {
 public:
  static constexpr int most_streams = 128;  // pages that follow at the same time

  // Listens on 127.0.0.1; `port` 0 = any free one. EnvironmentError if the port is in use or not allowed.
  DashboardServer(DashboardSource& source, int port);
  ~DashboardServer();

  int port() const;
  void serve(const std::atomic<bool>& stop);  // until `stop`

 private:
  struct Http;
  DashboardSource& source_;
  std::unique_ptr<Http> http_;
};

}  // namespace synth::cli
