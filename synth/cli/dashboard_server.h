// The dashboard's HTTP server: seven addresses, and one page.
#pragma once

#include <atomic>
#include <memory>

#include "synth/cli/dashboard_access.h"
#include "synth/cli/dashboard_source.h"

namespace synth::cli {

class DashboardServer {
 public:
  static constexpr int most_streams = 128;  // pages that follow at the same time

  // Listens where `access` says; `port` 0 = any free one. EnvironmentError if the port is in use or not allowed.
  DashboardServer(DashboardSource& source, DashboardAccess access, int port);
  ~DashboardServer();

  std::string url() const;
  void serve(const std::atomic<bool>& stop);  // until `stop`

 private:
  struct Http;
  DashboardSource& source_;
  std::unique_ptr<Http> http_;
};

}  // namespace synth::cli
