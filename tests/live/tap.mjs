// A reporter for node:test that prints plain TAP: one line for each test, nested ones too, with the
// error as comments. (Node's own TAP reporter writes YAML that prove's parser refuses.)
const oneLine = (text) => String(text).replace(/[\r\n]+/g, ' ').replace(/#/g, '\\#');
const comment = (text) => String(text).replace(/^/gm, '#   ') + '\n';

const describe = (error) => {
  const cause = error?.cause instanceof Error ? error.cause : error;
  return cause?.stack ?? cause?.message ?? cause;
};

export default async function* tap(events) {
  let n = 0;
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') {
      yield comment(data.message.trimEnd());
    } else if (type === 'test:diagnostic' && !/^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(data.message)) {
      yield comment(data.message);
    } else if (type === 'test:pass' && data.details.type !== 'suite') {
      const skipped = data.skip === undefined ? '' : ` # SKIP ${oneLine(data.skip)}`;
      yield `ok ${++n} - ${oneLine(data.name)}${skipped}\n`;
    } else if (type === 'test:fail' && data.details.error?.failureType !== 'subtestsFailed') {
      yield `not ok ${++n} - ${oneLine(data.name)}\n${comment(describe(data.details.error))}`;
    }
  }
  yield `1..${n}\n`;
}
