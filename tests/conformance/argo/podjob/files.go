package podjob

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Copy copies a file or a folder with all in it.
func Copy(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return copyFile(from, to, info.Mode())
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	for i := 0; err == nil && i < len(entries); i++ {
		name := entries[i].Name()
		err = Copy(filepath.Join(from, name), filepath.Join(to, name))
	}
	return err
}

func copyFile(from, to string, mode os.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode.Perm())
	if err != nil {
		return err
	}
	if _, err = io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// Save puts a file or folder of a pod into the bucket, as it is or as a compressed archive.
func Save(from, to string, pack bool) error {
	if _, err := os.Stat(from); err != nil {
		return err
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if !pack {
		return Copy(from, to)
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer file.Close()
	zip := gzip.NewWriter(file)
	archive := tar.NewWriter(zip)
	err = addTree(archive, from)
	return errors.Join(err, archive.Close(), zip.Close())
}

// addTree adds what is at a path under its last name.
func addTree(archive *tar.Writer, top string) error {
	return filepath.Walk(top, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		head, err := tar.FileInfoHeader(info, "")
		if err != nil {
			return err
		}
		inner, err := filepath.Rel(filepath.Dir(top), path)
		if err != nil {
			return err
		}
		head.Name = inner
		if err := archive.WriteHeader(head); err != nil || !info.Mode().IsRegular() {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = io.Copy(archive, file)
		return err
	})
}

// Load takes what Save made.  An archive is unpacked if that is wanted: a single name in it
// becomes what is asked for, several become a folder.
func Load(from, to string, unpack bool) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() || !unpack {
		return Copy(from, to)
	}
	folder, err := os.MkdirTemp(filepath.Dir(to), "unpack")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	isArchive, err := unpackInto(from, folder)
	if err != nil {
		return err
	}
	if !isArchive {
		return Copy(from, to)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	if len(entries) == 1 {
		return Copy(filepath.Join(folder, entries[0].Name()), to)
	}
	return Copy(folder, to)
}

func unpackInto(from, folder string) (bool, error) {
	file, err := os.Open(from)
	if err != nil {
		return false, err
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		return false, nil
	}
	archive := tar.NewReader(zip)
	for count := 0; ; count++ {
		head, err := archive.Next()
		if err == io.EOF {
			return count > 0, nil
		}
		if err != nil {
			if count == 0 {
				return false, nil
			}
			return false, err
		}
		if err := unpackOne(archive, head, folder); err != nil {
			return false, err
		}
	}
}

func unpackOne(archive *tar.Reader, head *tar.Header, folder string) error {
	path := filepath.Join(folder, head.Name)
	if !strings.HasPrefix(path, folder+"/") {
		return fmt.Errorf("%s leaves the folder", head.Name)
	}
	if head.FileInfo().IsDir() {
		return os.MkdirAll(path, 0o755)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, head.FileInfo().Mode().Perm())
	if err != nil {
		return err
	}
	if _, err = io.Copy(file, archive); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
