// An original client in JavaScript against our collector: the four methods, errors included.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import grpc from '@grpc/grpc-js';

import { Program, deadline, loadOriginal, within } from './support.js';

const { INVALID_ARGUMENT, NOT_FOUND, CANCELLED } = grpc.status;
const { telemetry, fileupload } = loadOriginal();

let collector;
let client;
let uploader;

before(async () => {
  collector = new Program('edgefeed-collector', (directory) => `
listen: 127.0.0.1:0
http: {listen: 127.0.0.1:0}
data_dir: ${directory}/data
`);
  const [, port] = await collector.waitForLine(/listening on 127\.0\.0\.1:(\d+)/);
  client = new telemetry.TelemetryService(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  uploader = new fileupload.FileUploadService(
    `127.0.0.1:${port}`, grpc.credentials.createInsecure());
});

after(async () => {
  client?.close();
  uploader?.close();
  assert.equal(await collector.stop(), 0);
});

function payload(service_name, cpu_usage, memory_mb) {
  return { service_name, cpu_usage, memory_mb, timestamp_ms: Date.now() };
}

// The end of a call: its status, OK or not.
function ending(call) {
  call.on('error', () => {}); // The status says the same.
  return within(new Promise((resolve) => call.on('status', resolve)), 'the end of a call');
}

function nextMessage(call) {
  return within(new Promise((resolve) => call.once('data', resolve)), 'a message');
}

// Feeds these and closes: returns all alerts, and the status.
async function feedAll(payloads) {
  const feed = client.LiveFeed(deadline());
  const alerts = [];
  feed.on('data', (alert) => alerts.push(alert));
  const end = ending(feed);
  for (const each of payloads) feed.write(each);
  feed.end();
  return { status: await end, alerts };
}

function snapshot(service_name) {
  return new Promise((resolve, reject) => {
    client.GetSnapshot({ service_name }, deadline(), (error, response) =>
      error ? reject(error) : resolve(response));
  });
}

test('LiveFeed: alerts come while the client is still sending', async () => {
  const feed = client.LiveFeed(deadline());
  const end = ending(feed);
  feed.write(payload('js-feed', 90, 4096));
  const alert = nextMessage(feed);
  feed.write(payload('js-feed', 97.5, 100));
  const cpu = await alert;
  assert.equal(cpu.alert_type, 'CPU_HIGH');
  assert.equal(cpu.value, 97.5);
  assert.match(cpu.message, /js-feed.*97\.5.*90/);

  const second = nextMessage(feed);
  feed.write(payload('js-feed', 1, 5000));
  const memory = await second;
  assert.equal(memory.alert_type, 'MEMORY_HIGH');
  assert.equal(memory.value, 5000);

  feed.end();
  assert.equal((await end).code, grpc.status.OK);
});

test('LiveFeed: nothing but firing alerts comes back', async () => {
  const payloads = Array.from({ length: 200 }, (_, i) => payload('js-alerts', i % 100 < 50 ? 95 : 5, 1));

  const { status, alerts } = await feedAll(payloads);

  assert.equal(status.code, grpc.status.OK);
  assert.deepEqual(alerts.map((alert) => alert.alert_type), ['CPU_HIGH', 'CPU_HIGH']);
});

for (const [field, bad] of [
  ['cpu_usage', payload('js-bad', NaN, 1)],
  ['cpu_usage', payload('js-bad', Infinity, 1)],
  ['cpu_usage', payload('js-bad', 101, 1)],
  ['memory_mb', payload('js-bad', 1, -1)],
  ['service_name', payload('', 1, 1)],
  ['service_name', payload('x'.repeat(10_000), 1, 1)],
  ['timestamp_ms', { ...payload('js-bad', 1, 1), timestamp_ms: Date.now() + 7 * 86_400_000 }],
]) {
  const shown = JSON.stringify(bad).slice(0, 60);
  test(`LiveFeed: ${shown} is refused for its ${field}`, async () => {
    const { status } = await feedAll([payload('js-bad', 1, 1), bad]);

    assert.equal(status.code, INVALID_ARGUMENT);
    assert.ok(status.details.includes(field), status.details);
    assert.match(status.details, /payload 2/);
  });
}

test('GetSnapshot: the newest sample', async () => {
  await feedAll([payload('js-snapshot', 1, 1), payload('js-snapshot', 42.5, 1234.25)]);

  const newest = await snapshot('js-snapshot');

  assert.equal(newest.service_name, 'js-snapshot');
  assert.equal(newest.cpu_usage, 42.5);
  assert.equal(newest.memory_mb, 1234.25);
  assert.equal(newest.request_count, 2);
  assert.ok(Math.abs(Date.now() - newest.timestamp_ms) < 60_000);
});

test('GetSnapshot: of nobody, and of a device never seen', async () => {
  await assert.rejects(snapshot(''), { code: INVALID_ARGUMENT });
  await assert.rejects(snapshot('js-nowhere'), (error) =>
    error.code === NOT_FOUND && error.details.includes('js-nowhere'));
});

test('Subscribe: the newest at once, then each newer one', async () => {
  await feedAll([payload('js-subscribe', 1, 1)]);
  const call = client.Subscribe({ service_name: 'js-subscribe', interval_ms: 100 }, deadline());
  const end = ending(call);
  const first = await nextMessage(call);
  const firstCame = performance.now();
  assert.equal(first.cpu_usage, 1);

  const next = nextMessage(call);
  await feedAll([payload('js-subscribe', 2, 1), payload('js-subscribe', 3, 1)]);
  const second = await next;
  assert.equal(second.cpu_usage, 3);
  assert.equal(second.request_count, 3);
  assert.ok(performance.now() - firstCame > 400, 'an interval below 500 ms counts as 500 ms');

  call.cancel();
  assert.equal((await end).code, CANCELLED);
});

test('Subscribe: the whole fleet, and a device never seen', async () => {
  await feedAll([payload('js-fleet-a', 1, 1)]);
  await feedAll([payload('js-fleet-b', 1, 1)]);
  const fleet = client.Subscribe({ service_name: '', interval_ms: 500 }, deadline());
  const seen = new Set();
  const end = ending(fleet);
  await within(new Promise((resolve) => {
    fleet.on('data', ({ service_name }) => {
      seen.add(service_name);
      if (seen.has('js-fleet-a') && seen.has('js-fleet-b')) resolve();
    });
  }), 'both devices');
  fleet.cancel();
  await end;

  const unknown = client.Subscribe({ service_name: 'js-nowhere' }, deadline());
  unknown.resume();
  const status = await ending(unknown);
  assert.equal(status.code, NOT_FOUND);
  assert.match(status.details, /js-nowhere/);
});

// Uploads these chunks: the response, or an error.
function upload(chunks) {
  return new Promise((resolve, reject) => {
    const call = uploader.Upload(deadline(), (error, response) =>
      error ? reject(error) : resolve(response));
    for (const chunk of chunks) call.write(chunk);
    call.end();
  });
}

function chunk(filename, chunk_index, data, is_last = false) {
  return { filename, chunk_index, data: Buffer.from(data), is_last };
}

test('Upload: a file in three chunks, and an empty one', async () => {
  const three = await upload(
    [chunk('js.bin', 0, 'a'.repeat(65536)), chunk('js.bin', 1, 'b'), chunk('js.bin', 2, 'c', true)]);
  assert.equal(three.filename, 'js.bin');
  assert.equal(three.total_bytes, 65538);
  assert.equal(three.total_chunks, 3);
  assert.equal(three.success, true);

  const empty = await upload([chunk('js-empty', 0, '', true)]);
  assert.equal(empty.total_bytes, 0);
  assert.equal(empty.total_chunks, 1);
});

for (const [what, chunks, named] of [
  ['a gap', [chunk('js.f', 0, 'a'), chunk('js.f', 2, 'c', true)], /js\.f.*chunk 2/],
  ['a second name', [chunk('js.f', 0, 'a'), chunk('js.g', 1, 'b', true)], /js\.g/],
  ['no last chunk', [chunk('js.f', 0, 'a')], /js\.f.*is_last/],
  ['a path', [chunk('../js.f', 0, 'a', true)], /\.\.\/js\.f/],
]) {
  test(`Upload: ${what} is refused`, async () => {
    await assert.rejects(upload(chunks), (error) => {
      assert.equal(error.code, INVALID_ARGUMENT);
      assert.match(error.details, named);
      return true;
    });
  });
}
