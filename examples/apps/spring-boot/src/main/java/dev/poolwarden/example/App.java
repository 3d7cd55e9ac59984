package dev.poolwarden.example;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.JdbcTemplate;

/** Knows nothing of pool sizes: Boot binds SPRING_DATASOURCE_… to whichever pool there is. */
@SpringBootApplication
public class App implements CommandLineRunner {
  private static final int QUERIES = 60;
  private final DataSource source;

  App(DataSource source) {
    this.source = source;
  }

  public static void main(String[] arguments) {
    SpringApplication.run(App.class, arguments);
  }

  @Override
  public void run(String... arguments) throws Exception {
    var jdbc = new JdbcTemplate(source);
    jdbc.execute("SELECT 1");
    System.out.println("open");
    Thread.sleep(2000); // Nobody asks for anything: what the pool holds now is its minimum.
    System.out.println("busy");
    var threads = Executors.newFixedThreadPool(QUERIES);
    var done = new CountDownLatch(QUERIES);
    for (int query = 0; query < QUERIES; query++) {
      threads.execute(() -> {
        jdbc.execute("SELECT pg_sleep(0.5)");
        done.countDown();
      });
    }
    done.await();
    threads.shutdown();
    System.out.println("done");
  }
}
