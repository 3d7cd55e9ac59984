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

/**
 * Whether an argument sets what a variable sets. A variable has the program's prefix before it:
 * KC_DB_POOL_MAX_SIZE is `--db-pool-max-size` to Keycloak.
 */
export function isArgumentOf(argument: string, variable: string): boolean {
  const wanted = plainName(argument);
  const words = variable.split(/[_.-]+/);
  return words.some((_, place) => plainName(words.slice(place).join("")) === wanted);
}
