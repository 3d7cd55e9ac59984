package dev.poolwarden.example;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.JdbcTemplate;

/** Knows nothing of pool sizes: Boot binds SPRING_DATASOURCE_… to whichever pool there is. */
@SpringBootApplication
public class App implements CommandLineRunner {
  private static final int THREADS = 60;
  /** Of PostgreSQL; MariaDB has another one. */
  private static final String QUERY =
      System.getenv().getOrDefault("QUERY", "SELECT pg_sleep(0.5)");
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
    var threads = Executors.newFixedThreadPool(THREADS * pools.size());
    var work = pools.stream().flatMap(pool -> Collections.nCopies(THREADS, work(pool)).stream());
    for (var done : threads.invokeAll(work.toList())) done.get();
    threads.shutdown();
    System.out.println("done");
    Thread.sleep(1000 * Long.parseLong(System.getenv().getOrDefault("LINGER_SECONDS", "0"))); // Nor here.
  }

  /** What one thread does: with the others it shares out the queries for one pool. */
  private static Callable<Void> work(JdbcTemplate pool) {
    var queries =
        new AtomicInteger(Integer.parseInt(System.getenv().getOrDefault("QUERIES", "60")));
    return () -> {
      while (queries.getAndDecrement() > 0) pool.execute(QUERY);
      return null;
    };
  }
}
