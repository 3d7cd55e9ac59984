// A database/sql pool that takes its size from the environment, and follows it in a live pool.
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

func main() {
	pool, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	size := number("DB_POOL_MAX_SIZE", 10)
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size) // By default only 2 stay open.
	pool.SetConnMaxLifetime(25 * time.Minute)
	go follow(pool, size)

	fmt.Println("open")
	time.Sleep(2 * time.Second) // Nobody asks for anything.
	fmt.Println("busy")
	var queries atomic.Int64
	queries.Store(int64(number("QUERIES", 60)))
	var work sync.WaitGroup
	for range 60 {
		work.Go(func() {
			for queries.Add(-1) >= 0 {
				if _, err := pool.Exec("SELECT pg_sleep(0.5)"); err != nil {
					log.Fatal(err)
				}
			}
		})
	}
	work.Wait()
	fmt.Println("done")
	time.Sleep(time.Duration(number("LINGER_SECONDS", 0)) * time.Second) // Nor here.
	pool.Close()
}

func number(name string, without int) int {
	value, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		return without
	}
	return value
}
