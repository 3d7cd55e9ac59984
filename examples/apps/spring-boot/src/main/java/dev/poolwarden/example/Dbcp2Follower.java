package dev.poolwarden.example;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.apache.commons.dbcp2.BasicDataSource;
import org.apache.commons.dbcp2.PoolableConnectionFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Lets a DBCP2 pool follow the pool size in a file while it runs. A smaller maximum alone closes
 * nothing that is busy: so while there are more connections, those older than a second are closed as
 * they come back. A larger one wakes nobody who waits: so connections are added for them.
 */
@Component
class Dbcp2Follower {
  private static final Duration SHORT = Duration.ofSeconds(1);
  private final BasicDataSource source;
  private final Path file;

  Dbcp2Follower(
      BasicDataSource source, @Value("${POOL_SIZE_FILE:/etc/poolwarden/pool-size}") Path file) {
    this.source = source;
    this.file = file;
    var thread = new Thread(this::run, "pool-size");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (!source.isClosed()) {
      try {
        int size = Integer.parseInt(Files.readString(file).trim());
        if (size > 0) resize(size);
      } catch (Exception notNow) {
        // The file is not there (yet), or no number; or no connection could be opened.
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  private void resize(int size) throws Exception {
    source.setMaxTotal(size);
    source.setMaxIdle(size);
    var pool = source.getConnectionPool(); // Null before the first connection.
    if (pool == null) return;
    boolean isOver = source.getNumActive() + source.getNumIdle() > size;
    var factory = (PoolableConnectionFactory) pool.getFactory();
    factory.setMaxConn(isOver ? SHORT : source.getMaxConnDuration());
    if (isOver) pool.clear(); // Idle ones.
    for (int waiting = pool.getNumWaiters(); waiting > 0; waiting--) pool.addObject();
  }
}
