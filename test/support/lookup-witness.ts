// Preloaded into a process by NODE_OPTIONS: says on stdout which names it looks up, so that a test
// can tell that a name was never asked for.
import dns from "node:dns";

const { lookup } = dns;

Object.assign(dns, {
  lookup: (...args: Parameters<typeof lookup>): void => {
    process.stdout.write(`${JSON.stringify({ message: "looked up", name: args[0] })}\n`);
    lookup(...args);
  },
});
