package dev.poolwarden.example;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Lets a HikariCP pool follow the pool size in a file while it runs. A smaller maximum alone closes
 * nothing that is busy: so all connections are evicted, busy ones as they come back, and as many as
 * the size allows are opened anew.
 */
@Component
class HikariFollower {
  private final HikariDataSource pool;
  private final Path file;
  private final int minimumIdle;

  HikariFollower(
      HikariDataSource pool, @Value("${POOL_SIZE_FILE:/etc/poolwarden/pool-size}") Path file) {
    this.pool = pool;
    this.file = file;
    this.minimumIdle = pool.getMinimumIdle();
    var thread = new Thread(this::run, "pool-size");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (!pool.isClosed()) {
      try {
        int size = Integer.parseInt(Files.readString(file).trim());
        if (size > 0 && size != pool.getMaximumPoolSize()) resize(size);
      } catch (Exception notNow) {
        // The file is not there (yet), or no number.
      }
      LockSupport.parkNanos(Duration.ofMillis(250).toNanos());
    }
  }

  private void resize(int size) {
    if (minimumIdle >= 0) pool.setMinimumIdle(Math.min(minimumIdle, size));
    pool.setMaximumPoolSize(size);
    var opened = pool.getHikariPoolMXBean(); // Null before the first connection.
    if (opened != null && opened.getTotalConnections() > size) opened.softEvictConnections();
  }
}
