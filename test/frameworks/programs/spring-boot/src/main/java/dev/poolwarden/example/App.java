package dev.poolwarden.example;

import java.util.Optional;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** The example's application, but it prints the size of its pool once that has opened a connection. */
@SpringBootApplication
public class App implements CommandLineRunner {
  private final DataSource source;

  App(DataSource source) {
    this.source = source;
  }

  public static void main(String[] arguments) {
    SpringApplication.run(App.class, arguments);
  }

  @Override
  public void run(String... arguments) throws Exception {
    source.getConnection().close();
    System.out.println("pool size " + PropertyAccessorFactory.forBeanPropertyAccess(source)
        .getPropertyValue(sizeOf(source)));
  }

  /** HikariCP, Tomcat JDBC and DBCP2 each have their own word for it. */
  private static String sizeOf(DataSource pool) {
    var properties = PropertyAccessorFactory.forBeanPropertyAccess(pool);
    return Stream.of("maximumPoolSize", "maxActive", "maxTotal")
        .filter(properties::isWritableProperty).findFirst().orElseThrow();
  }

  /** What an application does that sets the size in its code. */
  @Bean
  static BeanPostProcessor sizeInCode() {
    var size = Optional.ofNullable(System.getenv("SIZE_IN_CODE"));
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof DataSource pool) {
          size.ifPresent(text -> PropertyAccessorFactory.forBeanPropertyAccess(pool)
              .setPropertyValue(sizeOf(pool), text));
        }
        return bean;
      }
    };
  }
}
