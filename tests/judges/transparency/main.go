// Check a published log with the tools of Go's checksum database: none of this project's code.
//
//	main FOLDER   checkpoint, keys and tile/... as they were served; record-N as it was exported
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type tiles struct{ folder string }

func (tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(wanted))
	for place, tile := range wanted {
		path := strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(t.folder, "tile", path))
		if err != nil {
			return nil, err
		}
		found[place] = data
	}
	return found, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func read(parts ...string) []byte {
	data, err := os.ReadFile(filepath.Join(parts...))
	check(err)
	return data
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func tree(folder, name string, verifiers note.Verifiers) tlog.Tree {
	opened, err := note.Open(read(folder, name), verifiers)
	check(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	return tlog.Tree{N: size, Hash: root}
}

func main() {
	folder := os.Args[1]
	var keys []note.Verifier
	for _, line := range bytes.Split(bytes.TrimSpace(read(folder, "keys")), []byte("\n")) {
		name, _, _ := bytes.Cut(line, []byte(" ")) // behind it: the sizes of the log that it signs
		key, err := note.NewVerifier(string(name))
		check(err)
		keys = append(keys, key)
	}
	verifiers := note.VerifierList(keys...)
	newest, earlier := tree(folder, "checkpoint", verifiers), tree(folder, "earlier", verifiers)
	reader := tlog.TileHashReader(newest, tiles{folder})

	proof, err := tlog.ProveTree(newest.N, earlier.N, reader)
	check(err)
	check(tlog.CheckTree(proof, newest.N, newest.Hash, earlier.N, earlier.Hash))

	records, err := filepath.Glob(filepath.Join(folder, "record-*"))
	check(err)
	for _, path := range records {
		number, err := strconv.ParseInt(strings.TrimPrefix(filepath.Base(path), "record-"), 10, 64)
		check(err)
		inclusion, err := tlog.ProveRecord(newest.N, number, reader)
		check(err)
		leaf := tlog.RecordHash(read(path))
		check(tlog.CheckRecord(inclusion, newest.N, newest.Hash, number, leaf))
	}
	fmt.Printf("%d entries, %d records\n", newest.N, len(records))
}
