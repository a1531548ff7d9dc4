#include "collector/http/device_json.h"

#include <boost/json/src.hpp>  // Boost.JSON's one home: everything of it is compiled here.
#include <cmath>

namespace edgefeed {
namespace {

namespace json = boost::json;

json::value Number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}

json::array LabelsValue(const Labels& labels) {
  json::array array;
  array.reserve(labels.size());
  for (const Label& label : labels) {
    array.push_back(json::object{{"name", label.name}, {"value", label.value}});
  }
  return array;
}

json::object BootValue(const BootInfo& boot) {
  json::object value = {{"reason", BootReasonName(boot.reason)},
                        {"detail", boot.detail},
                        {"text", DescribeBoot(boot)}};
  if (boot.offline) value.emplace("offline_ms", boot.offline->count());
  if (boot.started) value.emplace("started_ms", UnixMillis(*boot.started));
  return value;
}

json::object InfoValue(const DeviceInfo& info) {
  json::object value = {{"boot_id", info.boot_id},
                        {"run_id", info.run_id},
                        {"agent_version", info.agent_version},
                        {"kernel_release", info.kernel_release},
                        {"machine", info.machine},
                        {"operating_system", info.operating_system},
                        {"labels", LabelsValue(info.labels)}};
  if (info.boot) value.emplace("boot", BootValue(*info.boot));
  return value;
}

// null: the device has sent no sample since the collector started.
json::value SampleNumber(const DeviceSnapshot& device, double value) {
  return device.has_sample ? Number(value) : nullptr;
}

json::object HeadlineValue(const DeviceSnapshot& device) {
  return {{"service_name", device.name},
          {"connected", device.connected},
          {"address", device.address},
          {"first_seen_ms", UnixMillis(device.first_seen)},
          {"last_seen_ms", UnixMillis(device.last_seen)},
          {"request_count", device.request_count},
          {"firing", json::array(device.firing.begin(), device.firing.end())},
          {"cpu_usage", SampleNumber(device, device.cpu_usage_percent)},
          {"memory_mb", SampleNumber(device, device.memory_used_mib)},
          {"timestamp_ms", UnixMillis(device.sample_time)}};
}

json::object DeviceValue(const DeviceSnapshot& device) {
  json::object value = HeadlineValue(device);
  if (device.info) value.emplace("info", InfoValue(*device.info));
  return value;
}

json::array ReadingsValue(const std::vector<NamedReading>& readings) {
  json::array array;
  array.reserve(readings.size());
  for (const NamedReading& reading : readings) {
    const Series& series = reading.series;
    array.push_back(json::object{
        {"series", {{"metric", series.metric}, {"labels", LabelsValue(series.labels)}}},
        {"value", Number(reading.value)}});
  }
  return array;
}

}  // namespace

std::string DevicesJson(const std::vector<DeviceSnapshot>& devices) {
  json::array array;
  array.reserve(devices.size());
  for (const DeviceSnapshot& device : devices) array.push_back(DeviceValue(device));
  return json::serialize(array) + "\n";
}

std::string DeviceJson(const DeviceSnapshot& device) {
  json::object value = DeviceValue(device);
  value.emplace("readings", ReadingsValue(device.readings));
  return json::serialize(value) + "\n";
}

std::string DeviceHeadlineJson(const DeviceSnapshot& device) {
  return json::serialize(HeadlineValue(device));
}

std::string ErrorJson(const Error& error) {
  return json::serialize(json::object{
             {"code", json::string_view(CodeName(error.code).data(), CodeName(error.code).size())},
             {"message", error.message}}) +
         "\n";
}

}  // namespace edgefeed
