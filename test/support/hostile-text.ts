// Texts that somebody chooses with intent: to get out of quotes, into a template, or past a parser.
import fc from "fast-check";

/** Anything that a string can hold, and what breaks PromQL, Go templates and YAML in particular. */
export const hostileText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    'x"} or vector(1) #',
    "\\",
    '\\"',
    "`",
    "{{ $value }}",
    '{{ query "up" }}',
    "}}",
    "\n",
    "\u0000",
    "\ud800",
    "\ufffd",
    "$labels",
    "%s",
  ),
);
