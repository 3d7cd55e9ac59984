package dev.poolwarden.example;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.JdbcTemplate;

/** Knows nothing of pool sizes: Boot binds SPRING_DATASOURCE_… to whichever pool there is. */
@SpringBootApplication
public class App implements CommandLineRunner {
  private static final int QUERIES = 60;
  private final List<JdbcTemplate> pools;

  App(DataSource source, @Qualifier("reports") Optional<DataSource> reports) {
    var own = new JdbcTemplate(source);
    this.pools = reports.map(second -> List.of(own, new JdbcTemplate(second))).orElse(List.of(own));
  }

  public static void main(String[] arguments) {
    SpringApplication.run(App.class, arguments);
  }

  @Override
  public void run(String... arguments) throws Exception {
    pools.forEach(pool -> pool.execute("SELECT 1"));
    System.out.println("open");
    Thread.sleep(2000); // Nobody asks for anything: what a pool holds now is its minimum.
    System.out.println("busy");
    var threads = Executors.newFixedThreadPool(QUERIES * pools.size());
    var done = new CountDownLatch(QUERIES * pools.size());
    for (int query = 0; query < QUERIES; query++) {
      for (var pool : pools) {
        threads.execute(() -> {
          pool.execute("SELECT pg_sleep(0.5)");
          done.countDown();
        });
      }
    }
    done.await();
    threads.shutdown();
    System.out.println("done");
  }
}
