// GET / is the page, /document what it shows, /network/RUN/ID one network, /belief/RUN what the model of accuracy
// believes, /sheet/RUN images of its data, /weights/RUN/ID a file to take along, /events says when there is something
// new. Nothing of an address is ever a path of a file.
#include "synth/cli/dashboard_server.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "search_space/errors.h"
#include "synth/cli/cpu_budget.h"
#include "synth/report/page.h"

namespace synth::cli {

using namespace std::chrono_literals;
using httplib::Request;
using httplib::Response;

namespace {

constexpr int request_threads = 8;      // besides those that streams hold
constexpr std::size_t piece = 1 << 16;  // bytes written at once
constexpr double share = 0.005;         // of the machine's processors: a search loses no more however many ask
constexpr double burst = 1;             // seconds of one processor that a page may take at once
constexpr auto patience = 3000ms;       // how long an answer waits for its share
constexpr auto keep_alive = 15s;        // a stream says something at least so often, so that a dead client is noticed

void refuse(Response& response, int status, const std::string& why) {
  response.status = status;
  response.set_content(why + "\n", "text/plain; charset=utf-8");
}

}  // namespace

struct DashboardServer::Http {
  explicit Http(DashboardAccess allowed) : access(std::move(allowed)) {}

  httplib::Server server;
  const DashboardAccess access;
  CpuBudget budget{share * std::max(1u, std::thread::hardware_concurrency()), burst};
  int port = 0;
  std::string page = report::live_page_html();
  std::atomic<int> streams{0};
  std::atomic<bool> stopping{false};

  void guard();
  bool let_in(const Request& request, Response& response) const;
  void routes(DashboardSource& source);
  void stream(DashboardSource& source, Response& response);
};

// Whether the request brings the token. The page's address brings it once: a cookie keeps it, and it leaves the
// address.
bool DashboardServer::Http::let_in(const Request& request, Response& response) const {
  if (!access.asks_token() || access.in_cookie(request.get_header_value("Cookie"), port) ||
      access.in_authorization(request.get_header_value("Authorization"))) {
    return true;
  }
  if (request.path == "/" && access.is_token(request.get_param_value("token"))) {
    response.set_header("Set-Cookie", access.set_cookie(port));
    response.set_redirect("/", 303);
    return false;
  }
  refuse(response, 401, "this dashboard asks for its token: open the address that it printed when it was started");
  return false;
}

void DashboardServer::Http::guard() {
  server.set_default_headers({{"Content-Security-Policy", report::live_page_policy()},
                              {"X-Content-Type-Options", "nosniff"},
                              {"Referrer-Policy", "no-referrer"},
                              {"Cross-Origin-Resource-Policy", "same-origin"},
                              {"Cross-Origin-Opener-Policy", "same-origin"},
                              {"Cache-Control", "no-store"}});
  server.set_pre_routing_handler([this](const Request& request, Response& response) {
    std::string origin = request.get_header_value("Origin");
    if (origin.empty() && request.has_header("Origin")) origin = "null";
    if (!access.is_own(request.get_header_value("Host"), origin, port)) {
      refuse(response, 403, fmt::format("this dashboard answers to http://{}:{} only", access.address(), port));
      return httplib::Server::HandlerResponse::Handled;
    }
    if (request.method != "GET" && request.method != "HEAD") {
      refuse(response, 405, "a dashboard is only looked at: GET");
      return httplib::Server::HandlerResponse::Handled;
    }
    if (!budget.admit(patience)) {
      response.set_header("Retry-After", "3");
      refuse(response, 503, "too many ask at once; a search comes first: try again in a moment");
      return httplib::Server::HandlerResponse::Handled;
    }
    return let_in(request, response) ? httplib::Server::HandlerResponse::Unhandled
                                     : httplib::Server::HandlerResponse::Handled;
  });
  server.set_exception_handler([](const Request&, Response& response, std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      refuse(response, 503, error.what());
    } catch (...) {
      refuse(response, 500, "unknown error");
    }
  });
}

void DashboardServer::Http::routes(DashboardSource& source) {
  server.Get("/",
             [this](const Request&, Response& response) { response.set_content(page, "text/html; charset=utf-8"); });
  server.Get("/document", [&source](const Request&, Response& response) {
    // Shared by all who ask: a large run is held once, however many look.
    const auto snapshot = std::make_shared<const Snapshot>(source.current());
    response.set_content_provider(snapshot->size(), "application/json",
                                  [snapshot](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
                                    const std::string_view part = snapshot->at(offset);
                                    return sink.write(part.data(), std::min({part.size(), length, piece}));
                                  });
  });
  server.Get(R"(/network/(\d{1,4})/(\d{1,9}))", [&source](const Request& request, Response& response) {
    const auto detail = source.network(std::stoul(request.matches[1]), std::stoi(request.matches[2]));
    if (!detail) return refuse(response, 404, "no such network");
    response.set_content(*detail, "application/json");
  });
  server.Get(R"(/weights/(\d{1,4})/(\d{1,7}|[A-Z]))", [&source](const Request& request, Response& response) {
    const std::string network = request.matches[2];
    const auto weights = source.weights(std::stoul(request.matches[1]), network);
    if (!weights) return refuse(response, 404, "of this network no weights are kept");
    response.set_header("Content-Disposition", "attachment; filename=\"" + network + ".safetensors\"");
    response.set_content(*weights, "application/octet-stream");
  });
  using Inferred = std::optional<std::string> (DashboardSource::*)(std::size_t);
  const auto inferred = [this, &source](const char* pattern, Inferred infer) {
    server.Get(pattern, [&source, infer](const Request& request, Response& response) {
      const auto text = (source.*infer)(std::stoul(request.matches[1]));
      if (!text) return refuse(response, 404, "no such run");
      response.set_content(*text, "application/json");
    });
  };
  inferred(R"(/belief/(\d{1,4}))", &DashboardSource::belief);
  inferred(R"(/sheet/(\d{1,4}))", &DashboardSource::sheet);
  server.Get("/events", [this, &source](const Request&, Response& response) { stream(source, response); });
}

// Server-sent events. A client that is slow or gone holds one thread until a write fails, and nothing else.
void DashboardServer::Http::stream(DashboardSource& source, Response& response) {
  if (++streams > most_streams) {
    --streams;
    return refuse(response, 503, fmt::format("{} pages are open already; close one", most_streams));
  }
  struct Progress {
    std::uint64_t seen = 0;
    std::chrono::steady_clock::time_point said = std::chrono::steady_clock::now();
  };
  auto progress = std::make_shared<Progress>();
  response.set_chunked_content_provider(
      "text/event-stream",
      [this, &source, progress](std::size_t, httplib::DataSink& sink) {
        const Snapshot snapshot = source.wait(progress->seen, 1s);
        if (stopping) return false;
        const auto now = std::chrono::steady_clock::now();
        std::string text;
        if (snapshot.version != progress->seen) {
          text = fmt::format("event: changed\nid: {0}\ndata: {0}\n\n", snapshot.version);
        } else if (now - progress->said > keep_alive) {
          text = ": nothing new\n\n";
        }
        if (text.empty()) return sink.is_writable();
        progress->seen = snapshot.version;
        progress->said = now;
        return sink.write(text.data(), text.size());
      },
      [this](bool) { --streams; });
}

DashboardServer::DashboardServer(DashboardSource& source, DashboardAccess access, int port)
    : source_(source), http_(std::make_unique<Http>(std::move(access))) {
  auto& server = http_->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(most_streams + request_threads); };
  server.set_payload_max_length(1024);
  // The library's own default lets two servers share a port.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  errno = 0;
  const std::string& address = http_->access.address();
  const int bound = port == 0 ? server.bind_to_any_port(address) : server.bind_to_port(address, port) ? port : -1;
  if (bound <= 0) {
    throw search_space::EnvironmentError(
        fmt::format("cannot listen on port {} of {}: {}; choose another --port, 0 for any free one", port, address,
                    errno != 0 ? std::strerror(errno) : "it is in use"));
  }
  http_->port = bound;
  http_->guard();
  http_->routes(source);
}

DashboardServer::~DashboardServer() = default;

std::string DashboardServer::url() const {
  return http_->access.url(http_->port);
}

void DashboardServer::serve(const std::atomic<bool>& stop) {
  std::thread listener([this] { http_->server.listen_after_bind(); });
  while (!stop) std::this_thread::sleep_for(50ms);
  http_->stopping = true;
  source_.stop();  // streams end their waiting
  http_->server.stop();
  listener.join();
}

}  // namespace synth::cli
