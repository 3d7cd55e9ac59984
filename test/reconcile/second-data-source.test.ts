// A second data source of Spring Boot that no entry names: it is told of in whatever spelling it
// and the first one stand.

import { expect, test } from "vitest";
import { app, env, findingsOf, hikari, hikariProperty, play } from "../support/situation.ts";
import { toldOn } from "../support/told-on.ts";

const firstSpelled: Record<string, object> = {
  "the documented variable": env(["SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "10"]),
  "the legacy variable": env(["SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE", "10"]),
  "a variable with dashes": env(["SPRING_DATASOURCE_HIKARI_MAXIMUM-POOL-SIZE", "10"]),
  "a variable with dots": env(["spring.datasource.hikari.maximumPoolSize", "10"]),
  "an argument": app({ args: [`--${hikariProperty}=10`] }),
  "a property": app({ command: ["java", `-D${hikariProperty}=10`, "app.Main"] }),
  "Java options": env(["JAVA_TOOL_OPTIONS", `-D${hikariProperty}=10`]),
  JSON: env(["SPRING_APPLICATION_JSON", `{"${hikariProperty}": 10}`]),
  "a ConfigMap": app({
    env: [
      {
        name: "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE",
        valueFrom: { secretKeyRef: { name: "web", key: "size" } },
      },
    ],
  }),
  nothing: app({}),
};

const orders = "spring.datasource.orders.hikari.maximum-pool-size";
const nested = '{"spring": {"datasource": {"orders": {"hikari": {"maximumPoolSize": 20}}}}}';

const secondSpelled: Record<string, readonly [object, string]> = {
  "the documented variable": [
    env(["SPRING_DATASOURCE_ORDERS_HIKARI_MAXIMUMPOOLSIZE", "20"]),
    "SPRING_DATASOURCE_ORDERS_HIKARI_MAXIMUMPOOLSIZE=20",
  ],
  "the legacy variable": [
    env(["SPRING_DATASOURCE_ORDERS_HIKARI_MAXIMUM_POOL_SIZE", "20"]),
    "SPRING_DATASOURCE_ORDERS_HIKARI_MAXIMUM_POOL_SIZE=20",
  ],
  "a variable with dots": [env([orders, "20"]), `${orders}=20`],
  "a prefix of its own": [
    env(["APP_STORAGE_MAXIMUMPOOLSIZE", "20"]),
    "APP_STORAGE_MAXIMUMPOOLSIZE=20",
  ],
  "Tomcat's variable": [
    env(["SPRING_DATASOURCE_ORDERS_TOMCAT_MAXACTIVE", "20"]),
    "SPRING_DATASOURCE_ORDERS_TOMCAT_MAXACTIVE=20",
  ],
  "DBCP2's variable, without a limit": [
    env(["SPRING_DATASOURCE_ORDERS_DBCP2_MAXTOTAL", "-1"]),
    "SPRING_DATASOURCE_ORDERS_DBCP2_MAXTOTAL=-1",
  ],
  "a reference": [
    env(["SPRING_DATASOURCE_ORDERS_HIKARI_MAXIMUMPOOLSIZE", "${ORDERS_POOL:20}"]),
    "SPRING_DATASOURCE_ORDERS_HIKARI_MAXIMUMPOOLSIZE=${ORDERS_POOL:20}",
  ],
  "a property": [app({ args: [`-D${orders}=20`] }), `${orders}=20 in args`],
  "an argument": [app({ args: [`--${orders}=20`] }), `${orders}=20 in args`],
  "Java options": [env(["JDK_JAVA_OPTIONS", `-D${orders}=20`]), `${orders}=20 in JDK_JAVA_OPTIONS`],
  JSON: [
    env(["SPRING_APPLICATION_JSON", nested]),
    "spring.datasource.orders.hikari.maximumPoolSize=20 in SPRING_APPLICATION_JSON",
  ],
};

interface OneContainer {
  readonly containers: readonly [
    { readonly env?: readonly { name: string; value: string }[]; readonly args?: string[] },
  ];
}

/** One container with what two have; JSON is one text. */
function together(one: object, other: object): object {
  const [{ env: a = [], args: c = [], ...more }] = (one as OneContainer).containers;
  const [{ env: b = [], args: d = [] }] = (other as OneContainer).containers;
  const isJson = ({ name }: { name: string }): boolean => name === "SPRING_APPLICATION_JSON";
  const json = [...a, ...b].filter(isJson).map(({ value }) => JSON.parse(value) as object);
  const text = JSON.stringify(Object.assign({}, ...json));
  return app({
    ...more,
    args: [...c, ...d],
    env: [
      ...[...a, ...b].filter((entry) => !isJson(entry)),
      ...(json.length === 0 ? [] : [{ name: "SPRING_APPLICATION_JSON", value: text }]),
    ],
  });
}

const spellings = Object.entries(firstSpelled).flatMap(([first, one]) => {
  return Object.entries(secondSpelled).map(([second, [other, says]]) => {
    return { first, second, podSpec: together(one, other), says };
  });
});

test.each(spellings)(
  "a second data source by $second is told of beside one by $first",
  ({ first, podSpec, says }) => {
    const entry = first === "nothing" ? { ...hikari, unmanagedPoolSize: 10 } : hikari;
    expect(toldOn({ secretRef: { name: "db" } }, entry, podSpec)).toEqual([
      `container app also sets ${says}. If that is another pool on this server, nothing of it is counted: ` +
        "name it in a further entry with pool, and prefix where Spring Boot binds it, or add its connections " +
        "to extraConnectionsPerPod",
    ]);
  },
);

test("a further entry with its prefix ends that, whatever its spelling", async () => {
  const podSpec = together(
    firstSpelled["the legacy variable"] ?? {},
    app({ args: [`-D${orders}=20`] }),
  );
  const prefix = "spring.datasource.orders.hikari";
  const further = [{ pool: "orders", ...hikari, prefix }];
  const status = (await play({ name: "", entry: hikari, further, podSpec })).status("orders");
  expect(findingsOf(status, "MayHoldMore")).toEqual([]);
  expect(findingsOf(status, "SizeOverridden")).toHaveLength(1);
});

test("SizeAssumed says how a policy names a variable with dots", async () => {
  const status = (await play({ name: "", entry: hikari, podSpec: env([orders, "20"]) })).status(
    "orders",
  );
  const [message] = findingsOf(status, "SizeAssumed");
  expect(message).toContain(
    `${orders}=20 (write SPRING_DATASOURCE_ORDERS_HIKARI_MAXIMUMPOOLSIZE), name that variable in spec.workloads`,
  );
});
