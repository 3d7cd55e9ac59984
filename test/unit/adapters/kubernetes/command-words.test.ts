// Options of one letter: each means what the program before it takes it for. The -c of a shell
// stands before the program that it runs, and is no count.

import { describe, expect, test } from "vitest";
import { settingsInWords } from "../../../../src/adapters/kubernetes/command-words.ts";

/** As the words of a command or of its arguments are joined. */
function told(...words: readonly string[]): string[] {
  const settings = settingsInWords(words.join("\n"), { isCommand: true, isOfProgram: false });
  return settings.map(({ name, value }) => `${name}=${value}`);
}

describe("a letter is a count", () => {
  test.each([
    ["behind the program", ["celery", "-A", "shop", "worker", "-c", "4"], "concurrency=4"],
    ["behind its path", ["/venv/bin/gunicorn", "-w4", "app"], "workers=4"],
    ["of Puma", ["bundle", "exec", "puma", "-w", "4"], "workers=4"],
    ["within what a shell runs", ["sh", "-c", "exec celery worker -c 4"], "concurrency=4"],
    ["within quotes", ["dumb-init sh -c 'celery worker -c 4'"], "concurrency=4"],
    ["in the arguments of a shell", ["-c", "exec celery worker -c 4"], "concurrency=4"],
    ["of the second command", ["sh", "-c", "a -c 2 && sidekiq -c 4"], "concurrency=4"],
    ["where it refers", ["sh", "-c", 'gunicorn -w "${W:-2}" app'], "workers=${W:-2}"],
    ["where the kubelet fills it in", ["gunicorn", "-w", "$(W)"], "workers=$(W)"],
    ["where no program is named", ["-c", "gunicorn.conf.py", "-w", "4"], "workers=4"],
  ])("%s", (_, words, want) => {
    expect(told(...words)).toEqual([want]);
  });
});

describe("a letter is no count", () => {
  test.each([
    ["of the shell that runs Celery", ["sh", "-c", "celery -A shop worker -Q a"]],
    ["of the shell in arguments alone", ["-c", "exec celery -A shop worker"]],
    ["of the shell behind a migration", ["sh", "-c", "migrate && celery -A shop worker"]],
    ["of the shell that runs Sidekiq", ["sh", "-c", "bundle exec sidekiq -C sidekiq.yml"]],
    ["of the command before", ["sh", "-c", "wait -w 30 && gunicorn app"]],
    ["of the command behind", ["sh", "-c", "gunicorn app & wait -w 30"]],
    ["of another program in the arguments of a shell", ["-ec", "wait -w 30; exec start"]],
    ["with a text behind it", ["celery", "worker", "-c", "config.py"]],
    ["of a program that is not known", ["memcached", "-c", "40"]],
  ])("%s", (_, words) => {
    expect(told(...words)).toEqual([]);
  });
});
