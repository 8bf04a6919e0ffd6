import assert from 'node:assert/strict';
import test from 'node:test';
import { grade, judge, measure, readSample, ungraded, type Grade } from './stats';

const report = (extra: Record<string, object> = {}): [string, object][] =>
  Object.entries({
    T: { type: 'transport', selectedCandidatePairId: 'P' },
    P: {
      type: 'candidate-pair',
      localCandidateId: 'L',
      remoteCandidateId: 'R',
      currentRoundTripTime: 0.05,
    },
    L: { type: 'local-candidate', candidateType: 'host' },
    R: { type: 'remote-candidate', candidateType: 'srflx' },
    A: {
      type: 'inbound-rtp',
      kind: 'audio',
      trackIdentifier: 'voice',
      packetsReceived: 100,
      packetsLost: 0,
      jitter: 0.01,
      audioLevel: 0.2,
    },
    V: {
      type: 'inbound-rtp',
      kind: 'video',
      trackIdentifier: 'camera',
      packetsReceived: 500,
      packetsLost: 5,
      framesDecoded: 60,
      totalFreezesDuration: 0,
    },
    S: {
      type: 'inbound-rtp',
      kind: 'video',
      trackIdentifier: 'screen',
      packetsReceived: 10,
      framesDecoded: 7,
    },
    ...extra,
  });

const ids = { voice: 'voice', camera: 'camera' };

test('a sample has what counts', () => {
  const sample = readSample(report(), ids, 5);
  assert.equal(sample.roundTripMs, 50);
  assert.equal(sample.jitterMs, 10);
  assert.equal(sample.framesDecoded, 60);
  assert.equal(sample.relayed, false);
  assert.equal(sample.voiceLevel, 0.2);
  assert.deepEqual(sample.video, { received: 510, lost: 5, frozenMs: 0 });
});

test('a relay on either side is a relay; Firefox marks the pair itself', () => {
  const relay = { type: 'local-candidate', candidateType: 'relay' };
  assert.equal(readSample(report({ L: relay }), ids, 0).relayed, true);
  assert.equal(readSample(report({ R: relay }), ids, 0).relayed, true);
  const firefox = { type: 'candidate-pair', selected: true, localCandidateId: 'L' };
  const sample = readSample(report({ T: { type: 'transport' }, P: firefox, L: relay }), ids, 0);
  assert.equal(sample.relayed, true);
  assert.equal(sample.roundTripMs, null);
});

test('an empty report is no reason to fall', () => {
  const sample = readSample([], ids, 0);
  assert.equal(judge(measure(sample, { ...sample, atMs: 2000 })), 'good');
});

test('loss is that of the time between, and never negative', () => {
  const before = readSample(report(), ids, 0);
  const after = { ...before, atMs: 2000, video: { received: 600, lost: 15, frozenMs: 500 } };
  const { loss, frozen } = measure(before, after);
  assert.equal(loss, 0.1);
  assert.equal(frozen, 0.25);
  assert.equal(measure(after, before).loss, 0, 'counted anew');
  const few = { ...before, audio: { received: 101, lost: 1, frozenMs: 0 } };
  assert.equal(measure(before, few).loss, 0, 'too few to tell');
  assert.equal(measure(before, { ...before, lossThere: 0.3 }).loss, 0.3);
});

test('judging', () => {
  const fine = { loss: 0, roundTripMs: 40, jitterMs: 5, frozen: 0 };
  assert.equal(judge(fine), 'good');
  assert.equal(judge({ ...fine, roundTripMs: null }), 'good');
  assert.equal(judge({ ...fine, loss: 0.03 }), 'fair');
  assert.equal(judge({ ...fine, roundTripMs: 350 }), 'fair');
  assert.equal(judge({ ...fine, jitterMs: 120 }), 'poor');
  assert.equal(judge({ ...fine, frozen: 0.6 }), 'poor');
});

test('a grade does not flicker', () => {
  const all = (from: Grade, ...now: ('good' | 'fair' | 'poor')[]) => now.reduce(grade, from);
  const good = all(ungraded, 'good');
  assert.equal(good.quality, 'good');
  assert.equal(all(good, 'poor').quality, 'good');
  assert.equal(all(good, 'poor', 'good', 'poor', 'good').quality, 'good');
  const poor = all(good, 'poor', 'poor');
  assert.equal(poor.quality, 'poor');
  assert.equal(all(poor, 'good', 'good').quality, 'poor');
  assert.equal(all(poor, 'good', 'good', 'good').quality, 'good');
});
