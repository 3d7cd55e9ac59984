package dev.poolwarden.example;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.tomcat.jdbc.pool.DataSource;
import org.apache.tomcat.jdbc.pool.PooledConnection;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Lets a Tomcat JDBC pool follow the pool size in a file while it runs. A smaller maximum alone
 * closes nothing that is busy, and for each connection that it closes while requests wait it opens
 * another. So those above the size are borrowed, closed, and kept for as long as the size is small.
 */
@Component
class TomcatFollower {
  private final DataSource source;
  private final Path file;
  private final List<Future<Connection>> asked = new ArrayList<>();
  private final Queue<Connection> kept = new ArrayDeque<>();

  TomcatFollower(
      DataSource source, @Value("${POOL_SIZE_FILE:/etc/poolwarden/pool-size}") Path file) {
    this.source = source;
    this.file = file;
    var thread = new Thread(this::run, "pool-size");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (true) {
      try {
        int size = Integer.parseInt(Files.readString(file).trim());
        if (size > 0) resize(size);
      } catch (Exception notNow) {
        // The file is not there (yet), or no number; or nothing could be borrowed in time.
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  private void resize(int size) throws Exception {
    source.setMaxActive(size);
    source.setMaxIdle(size);
    for (int over = open() - asked.size() - size; over > 0; over--) {
      asked.add(source.getConnectionAsync()); // In the queue where requests wait.
    }
    for (var one : asked.stream().filter(Future::isDone).toList()) {
      asked.remove(one);
      keep(one.get());
    }
    while (open() < size && !kept.isEmpty()) kept.remove().close(); // The pool opens others.
  }

  private int open() {
    return source.getSize() - kept.size();
  }

  private void keep(Connection borrowed) throws Exception {
    kept.add(borrowed);
    var pooled = borrowed.unwrap(PooledConnection.class);
    pooled.setDiscarded(true);
    pooled.getConnection().close();
  }
}
