// One setting has many spellings. Spring Boot binds SPRING_DATASOURCE_HIKARI_MAXIMUM-POOL-SIZE and
// spring.datasource.hikari.maximumPoolSize alike, Quarkus and Micronaut have the same custom, and a
// program of one's own often has an argument that is named like its variable. All of them are one
// name here: its letters and digits.

/** `spring.datasource.hikari.maximum-pool-size` → `springdatasourcehikarimaximumpoolsize`. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** Whether two spellings are of one name. */
export function isSameName(a: string, b: string): boolean {
  return a === b || plainName(a) === plainName(b);
}

/** Of gunicorn and uvicorn, whose command line wins over the variable. */
const otherArguments: Readonly<Record<string, string>> = { webconcurrency: "workers" };

/**
 * Whether an argument sets what a variable sets. A variable has the program's prefix before it:
 * KC_DB_POOL_MAX_SIZE is `--db-pool-max-size` to Keycloak.
 */
export function isArgumentOf(argument: string, variable: string): boolean {
  let left = plainName(argument);
  if (otherArguments[plainName(variable)] === left) return true;
  for (const word of variable.split(/[_.-]+/).reverse()) {
    const plain = plainName(word);
    if (!left.endsWith(plain)) return false;
    left = left.slice(0, left.length - plain.length);
    if (left === "") return true;
  }
  return false;
}
