// The contract of list and watch, held against the fake API server.

import { FakeApiServer } from "../../support/fake-api-server.ts";
import { openClient, plainCredentials } from "../../support/api-client.ts";
import { testListWatch } from "./list-watch.contract.ts";

testListWatch(async () => {
  const server = await FakeApiServer.start();
  const opened = openClient(plainCredentials(server.url));
  return {
    client: opened.client,
    namespace: "default",
    put: (name, bytes) => {
      server.put(name, bytes);
      return Promise.resolve();
    },
    remove: (name) => {
      server.remove(name);
      return Promise.resolve();
    },
    goAway: () => server.close(),
    comeBack: () => {
      server.forget();
      return server.listen();
    },
    close: async () => {
      await opened.close();
      await server.close();
    },
  };
});
