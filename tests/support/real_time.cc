#include "tests/support/real_time.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace edgefeed {

void LetPass(std::chrono::milliseconds time) {
  boost::asio::io_context context;
  boost::asio::steady_timer(context, time).wait();
}

}  // namespace edgefeed
