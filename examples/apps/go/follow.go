package main

import (
	"database/sql"
	"os"
	"strconv"
	"strings"
	"time"
)

// follow lets a database/sql pool follow the pool size in a file while it runs. Busy connections
// above a smaller maximum are closed as they come back; the library does that itself.
func follow(pool *sql.DB, size int) {
	file := os.Getenv("POOL_SIZE_FILE")
	if file == "" {
		file = "/etc/poolwarden/pool-size"
	}
	for ; ; time.Sleep(250 * time.Millisecond) {
		text, _ := os.ReadFile(file) // Empty where it is not there (yet).
		read, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		if read > 0 && read != size {
			size = read
			pool.SetMaxOpenConns(size)
			pool.SetMaxIdleConns(size)
		}
	}
}
