// What a room's hosts may read of its people, and the search in its chat, by HTTP.
import assert from 'node:assert/strict';
import test from 'node:test';

import { expectRest, has, isDate, isNow, issue, refusal, rest, socket, start } from './flow.mjs';
import { all } from './stoa.mjs';

const people = {
  ada: issue({ userId: 'u1', username: 'Ada' }),
  ben: issue({ userId: 'u2', username: 'Ben' }),
  cy: issue({ userId: 'u3', username: 'Cy' }),
  dee: issue({ userId: 'u4', username: 'Dee' }),
  root: issue({ userId: 'u0', username: 'Root', admin: true }),
};

const refused = async (status, code, server, path, options) => {
  const answer = await rest(server, 'GET', path, options);
  assert.equal(answer.status, status, answer.text);
  has(answer.json, { error: refusal(code) });
};

const make = (server, body, token) =>
  expectRest(201, server, 'POST', '/api/rooms', { body, token });

/** In the room by dialect A; `name` is one of `people`. */
const enter = async (t, server, roomId, name) => {
  const client = await socket(t, server, name, { auth: { token: people[name] } });
  await tell(client, 'joinRoom', { roomId, name });
  return client;
};

const tell = async (client, event, payload) => {
  const answer = await client.ask(event, payload);
  assert.equal(answer.ok, true, `${client.name} ${event} ${JSON.stringify(answer)}`);
  return answer;
};

/** The candidate's newest code is told to the host when it is there. */
const until = async (client, name) => {
  while ((await client.next(name)).name !== name);
};

test('an interview\'s report', async (t) => {
  const server = await start(t);
  const { id: roomId } = await make(server, { title: 'Interview', mode: 'interview', approval: false,
    question: 'Why "?"', durationMinutes: 60 }, people.ada);
  const path = `/api/rooms/${roomId}/report`;
  const report = (token = people.ada) => expectRest(200, server, 'GET', path, { token });

  has(await report(), { roomId, title: 'Interview', status: 'WAITING', startedAt: null,
    endedAt: null, endsAt: null, question: 'Why "?"', candidates: [], truncated: false });

  const ada = await enter(t, server, roomId, 'ada');
  const ben = await enter(t, server, roomId, 'ben');
  const cy = await enter(t, server, roomId, 'cy');
  await tell(ada, 'room:start', { roomId });
  await tell(ben, 'proctor:report', { roomId, kind: 'TAB_SWITCH' });
  await tell(ben, 'proctor:report', { roomId, kind: 'PASTE' });
  await tell(ben, 'code:submit', { roomId, code: 'print("1")\n', language: 'python' });
  await tell(ben, 'code:submit', { roomId, code: 'print(2)', language: 'python' });
  ben.say('code:change', { roomId, code: 'print(3)', language: 'python' });
  await until(ada, 'code:changed');
  await tell(ada, 'control:kick', { roomId, userId: 'u3', reason: 'Not "you"' });

  await all(t, {
    'says all that a host who comes late has missed': async () => {
      const said = await report();
      has(said, { status: 'LIVE', startedAt: isDate, endsAt: (ms) => ms > Date.now(), candidates: [
        { userId: 'u2', name: 'Ben', status: 'APPROVED', connected: true, joinedAt: isDate,
          leftAt: null, violationCount: 2, hasSubmitted: true, code: 'print(3)', language: 'python',
          violations: [{ id: /./, type: 'TAB_SWITCH', timestamp: isNow, violationCount: 1, typeCount: 1 },
            { type: 'PASTE', violationCount: 2, typeCount: 1 }],
          submissions: [{ id: /./, code: 'print("1")\n', language: 'python', submittedAt: isDate,
            timestamp: isNow, automatic: false }, { code: 'print(2)' }],
          kicks: [] },
        { userId: 'u3', name: 'Cy', status: 'KICKED', connected: false, leftAt: isDate, code: null,
          language: null, violations: [], submissions: [],
          kicks: [{ by: 'u1', reason: 'Not "you"', timestamp: isNow }] },
      ], truncated: false });
      assert.deepEqual(await report(people.root), said, 'to an administrator, too');
      const late = await socket(t, server, 'late', { auth: { token: people.ada } });
      late.say('joinRoom', { roomId, name: 'Ada' });
      await late.hear('joined', { roomState: { candidates: [{ userId: 'u2', language: 'python', joinedAt: isDate }] } });
    },
    'is for hosts': async () => {
      await refused(403, 'FORBIDDEN', server, path, { token: people.ben });
      await refused(403, /^(FORBIDDEN|KICKED)$/, server, path, { token: people.cy });
      await refused(403, /^(FORBIDDEN|NOT_IN_ROOM)$/, server, path, { token: people.dee });
      await refused(403, /^(FORBIDDEN|NOT_IN_ROOM)$/, server, path);
      await refused(404, 'ROOM_NOT_FOUND', server, '/api/rooms/none/report', { token: people.ada });
    },
  });

  await t.test('a cohost may, as long as she is one', async () => {
    await enter(t, server, roomId, 'dee');
    await refused(403, 'FORBIDDEN', server, path, { token: people.dee });
    await tell(ada, 'control:role', { roomId, userId: 'u4', role: 'cohost' });
    const { candidates } = await report(people.dee);
    assert.deepEqual(candidates.map(({ userId }) => userId), ['u2', 'u3'], 'and is no candidate');
    await tell(ada, 'control:role', { roomId, userId: 'u4', role: 'participant' });
    await refused(403, 'FORBIDDEN', server, path, { token: people.dee });
  });

  await t.test('it stays when the interview is over', async () => {
    await tell(ada, 'room:end', { roomId });
    const said = await report();
    has(said, { status: 'ENDED', endedAt: isDate });
    has(said.candidates[0], { userId: 'u2', code: 'print(3)', submissions: [{}, { code: 'print(2)' }] });
    assert.deepEqual(said.candidates.map(({ userId }) => userId), ['u2', 'u3', 'u4']);
  });
  ada.socket.disconnect();
  cy.socket.disconnect();
});

test('a report of who waits, and of rooms that nobody owns', async (t) => {
  const server = await start(t);
  const { id: guarded } = await make(server, { mode: 'interview', approval: true }, people.ada);
  const ben = await socket(t, server, 'ben', { auth: { token: people.ben } });
  await ben.ask('joinRoom', { roomId: guarded, name: 'Ben' });
  await ben.hear('room:waiting');
  has(await expectRest(200, server, 'GET', `/api/rooms/${guarded}/report`, { token: people.ada }),
    { candidates: [{ userId: 'u2', status: 'PENDING', connected: true }] });
  await refused(403, 'WAITING_APPROVAL', server, `/api/rooms/${guarded}/report`, { token: people.ben });
  await refused(403, 'NOT_IN_ROOM', server, `/api/rooms/${guarded}/report`, { token: people.cy });
  for (const flags of [[], ['--auth-mode', 'open']]) {
    const other = await start(t, { flags });
    const { id, creationKey } = await make(other, {});
    const headers = { 'X-Creation-Key': creationKey };
    has(await expectRest(200, other, 'GET', `/api/rooms/${id}/report`, { headers }), { candidates: [] });
    await refused(403, 'FORBIDDEN', other, `/api/rooms/${id}/report`);
    await refused(403, 'FORBIDDEN', other, `/api/rooms/${id}/report`,
      { headers: { 'X-Creation-Key': '0'.repeat(44) } });
  }
});

test('a report that is too large leaves out the oldest codes', async (t) => {
  const server = await start(t, { flags: ['--rate-code', '1000000', '--rate-proctor', '1000000'] });
  const { id: roomId } = await make(server, { mode: 'interview', approval: false }, people.ada);
  const ada = await enter(t, server, roomId, 'ada');
  const ben = await enter(t, server, roomId, 'ben');
  await tell(ada, 'room:start', { roomId });
  const wide = '"'.repeat(199_990); // twice as long in JSON
  for (let i = 0; i < 40; i++)
    await tell(ben, 'code:submit', { roomId, code: `${i}${wide}`, language: 'c' });
  const answer = await rest(server, 'GET', `/api/rooms/${roomId}/report`, { token: people.ada });
  assert.equal(answer.status, 200);
  assert.ok(answer.text.length <= 12 * 1024 * 1024, `${answer.text.length}`);
  const [{ code, submissions }] = answer.json.candidates;
  assert.equal(code, `39${wide}`);
  assert.equal(submissions.length, 40);
  assert.equal(answer.json.truncated, true);
  const given = submissions.map((one) => one.code !== null);
  const first = given.indexOf(true);
  assert.ok(first > 5 && first < 15 && given.slice(first).every(Boolean), `${first}`);
  assert.equal(submissions[first].code, `${first}${wide}`);
});

test('search in a chat', async (t) => {
  const server = await start(t);
  const { id: roomId } = await make(server, { title: 'Talk' }, people.ada);
  const path = `/api/rooms/${roomId}/messages`;
  const ada = await enter(t, server, roomId, 'ada');
  const ben = await enter(t, server, roomId, 'ben');
  await enter(t, server, roomId, 'cy');
  for (const text of ['Hello there', '100% sure', 'snake_case', 'back\\slash', 'it\'s "quoted"', 'HELLO again'])
    await tell(ada, 'chat:message', { roomId, text });
  await tell(ben, 'chat:message', { roomId, text: 'hello Ada, in private', to: 'u1' });
  const find = async (q, token = people.cy, more = '') => {
    const said = await expectRest(200, server, 'GET', `${path}?q=${encodeURIComponent(q)}${more}`, { token });
    return said.messages.map(({ text }) => text);
  };
  await all(t, {
    'in whatever case': async () =>
      assert.deepEqual(await find('hello'), ['Hello there', 'HELLO again']),
    'private ones of one\'s own': async () => {
      assert.equal((await find('HELLO', people.ada)).length, 3);
      assert.equal((await find('hello', people.ben)).length, 3);
      assert.deepEqual(await find('private'), []);
    },
    'what other searches take for more': async () => {
      for (const [q, text] of [['%', '100% sure'], ['_', 'snake_case'], ['\\', 'back\\slash'],
        ['\'', 'it\'s "quoted"'], ['"QUOTED"', 'it\'s "quoted"']])
        assert.deepEqual(await find(q), [text], q);
      for (const q of ['h_llo', 'h%o', '\\%', '*', 'hello%']) assert.deepEqual(await find(q), [], q);
    },
    'in pages': async () => {
      const first = await expectRest(200, server, 'GET', `${path}?q=hello&limit=1`, { token: people.cy });
      has(first, { messages: [{ text: 'HELLO again' }], nextCursor: /^\d+$/ });
      const second = await expectRest(200, server, 'GET',
        `${path}?q=hello&limit=1&before=${first.nextCursor}`, { token: people.cy });
      has(second, { messages: [{ text: 'Hello there' }], nextCursor: null });
    },
    'of 1 to 200 characters': async () => {
      for (const q of ['', 'x'.repeat(201), '%00', '%ff'])
        await refused(400, /^BAD_(FIELD|VALUE|UTF8)$/, server, `${path}?q=${q}`, { token: people.cy });
      assert.deepEqual(await find('ä'.repeat(200)), []);
    },
  });
});
