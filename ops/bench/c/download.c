// SPDX-License-Identifier: Apache-2.0
// usage: download URL FILE: libcurl to a file, the four digests computed meanwhile.
#include "pool.h"
#include <curl/curl.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static struct pool pool;
static int file;
static long total;

static size_t received(char *bytes, size_t size, size_t count, void *unused) {
    (void)unused;
    size_t length = size * count, taken = 0;
    if (write(file, bytes, length) != (ssize_t)length) return 0;
    while (taken < length) {
        unsigned char *buffer = pool_buffer(&pool);
        size_t part = length - taken < BUFFER_SIZE - pool.filled ? length - taken
                                                                 : BUFFER_SIZE - pool.filled;
        memcpy(buffer + pool.filled, bytes + taken, part);
        taken += part;
        pool.filled += part;
        if (pool.filled == BUFFER_SIZE) {
            pool_give(&pool, BUFFER_SIZE);
            pool.filled = 0;
        }
    }
    total += length;
    return length;
}

int main(int argc, char **argv) {
    if (argc != 3) return 64;
    file = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0) return 73;
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    pool_start(&pool);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, argv[1]);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 524288L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, received);
    if (curl_easy_perform(curl)) return 69;
    if (pool.filled) pool_give(&pool, pool.filled);
    pool_finish(&pool);
    clock_gettime(CLOCK_MONOTONIC, &b);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double seconds = b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9;
    printf("{\"mb_s\": %.1f, \"rss_mib\": %.1f}\n", total / 1e6 / seconds,
           usage.ru_maxrss / 1024.0);
    return 0;
}
