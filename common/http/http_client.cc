#include "common/http/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string_view>

namespace edgefeed {
namespace {

constexpr int kPollMs = 1000;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

bool IsOneLine(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

void Add(HeaderList& list, const std::string& line) {
  list.reset(curl_slist_append(list.release(), line.c_str()));
}

Result<HeaderList> MakeHeaders(const std::vector<HttpHeader>& headers) {
  HeaderList list;
  Add(list, "Expect:");  // A large body is sent without asking first.
  for (const auto& header : headers) {
    if (!IsOneLine(header.name) || !IsOneLine(header.value)) {
      return Error{Code::kInvalidArgument, "a header of more than one line"};
    }
    // This is how libcurl is told of a header without a value.
    Add(list, header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  return list;
}

std::size_t KeepBody(const char* bytes, std::size_t, std::size_t count, void* body) {
  auto& kept = *static_cast<std::string*>(body);
  kept.append(bytes, std::min(count, HttpClient::kMaxBody - kept.size()));
  return count;
}

Code CodeOf(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM: return Code::kInvalidArgument;
    case CURLE_OPERATION_TIMEDOUT: return Code::kDeadlineExceeded;
    default: return Code::kUnavailable;
  }
}

void SetFile(CURL* easy, CURLoption option, const std::filesystem::path& file) {
  if (!file.empty()) curl_easy_setopt(easy, option, file.c_str());
}

}  // namespace

struct HttpClient::Impl {
  Impl() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  ~Impl() {
    easy.reset();
    curl_multi_cleanup(multi);
    curl_global_cleanup();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void SetOptions(const Request& request, const curl_slist* headers, Response& response);
  CURLcode Perform() const;

  std::atomic<bool> cancelled{false};
  // Holds the connections. A transfer in it can be woken up, one by itself cannot.
  CURLM* multi = curl_multi_init();
  std::unique_ptr<CURL, EasyDeleter> easy{curl_easy_init()};
  std::array<char, CURL_ERROR_SIZE> why{};
};

void HttpClient::Impl::SetOptions(const Request& request, const curl_slist* headers,
                                  Response& response) {
  auto* const handle = easy.get();
  curl_easy_reset(handle);
  why[0] = '\0';
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, why.data());
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_POST, 1L);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(request.connect_timeout.count()));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &KeepBody);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &response.body);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  // A resolver that does not answer is left to itself, or Cancel() would wait for it.
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
  SetFile(handle, CURLOPT_CAINFO, request.tls.ca);
  SetFile(handle, CURLOPT_SSLCERT, request.tls.cert);
  SetFile(handle, CURLOPT_SSLKEY, request.tls.key);
}

CURLcode HttpClient::Impl::Perform() const {
  int running = 1;
  while (!cancelled) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) return CURLE_FAILED_INIT;
    if (running == 0) {
      int left = 0;
      const CURLMsg* const message = curl_multi_info_read(multi, &left);
      return message == nullptr ? CURLE_FAILED_INIT : message->data.result;
    }
    curl_multi_poll(multi, nullptr, 0, kPollMs, nullptr);
  }
  return CURLE_ABORTED_BY_CALLBACK;
}

HttpClient::HttpClient() : impl_(std::make_unique<Impl>()) {}

HttpClient::~HttpClient() = default;

Result<HttpClient::Response> HttpClient::Post(const Request& request) {
  auto headers = MakeHeaders(request.headers);
  if (!headers) return headers.error();
  auto* const easy = impl_->easy.get();
  Response response;
  impl_->SetOptions(request, headers->get(), response);
  curl_multi_add_handle(impl_->multi, easy);
  const CURLcode code = impl_->Perform();
  long status = 0;
  curl_off_t retry_after = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
  curl_multi_remove_handle(impl_->multi, easy);
  if (impl_->cancelled) return Error{Code::kCancelled, "cancelled"};
  if (code != CURLE_OK) {
    return Error{CodeOf(code),
                 impl_->why[0] == '\0' ? curl_easy_strerror(code) : impl_->why.data()};
  }
  response.status = static_cast<unsigned>(status);
  if (retry_after > 0) response.retry_after = std::chrono::seconds(retry_after);
  return response;
}

void HttpClient::Cancel() {
  impl_->cancelled = true;
  curl_multi_wakeup(impl_->multi);
}

}  // namespace edgefeed
