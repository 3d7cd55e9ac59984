package dev.poolwarden.example;

import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.jdbc.DataSourceProperties;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A second pool, if spring.datasource.reports.url is set. Boot binds it under the prefix of its
 * ConfigurationProperties, so its size is SPRING_DATASOURCE_REPORTS_POOL_MAXIMUMPOOLSIZE.
 */
@Configuration
@ConditionalOnProperty("spring.datasource.reports.url")
class ReportsPool {
  @Bean(defaultCandidate = false)
  @ConfigurationProperties("spring.datasource.reports")
  DataSourceProperties reportsProperties() {
    return new DataSourceProperties();
  }

  @Bean(defaultCandidate = false)
  @Qualifier("reports")
  @ConfigurationProperties("spring.datasource.reports.pool")
  DataSource reports(@Qualifier("reportsProperties") DataSourceProperties properties) {
    return properties.initializeDataSourceBuilder().build();
  }
}
