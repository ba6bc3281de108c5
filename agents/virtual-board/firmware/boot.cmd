# U-Boot script of the arm64 board: one boot of the test kernel when sector 64 says so, else the
# known-good one. The flag is cleared before the kernel starts: whatever that kernel does, the
# next boot is the known-good one.
setenv flag 0x43f00000
setenv entry good
virtio read ${flag} 0x40 1
if itest.l *${flag} == 0x54534554; then
    mw.l ${flag} 0
    virtio write ${flag} 0x40 1
    setenv entry test
fi
setenv args "console=ttyAMA0 earlycon panic=5 board.entry="
load virtio 0:1 ${ramdisk_addr_r} initrd.gz
setenv initrd_size ${filesize}

if test ${entry} = test; then
    echo "board: boot entry: test"
    if load virtio 0:1 ${kernel_addr_r} bisectd-test; then
        setenv bootargs "${args}test"
        booti ${kernel_addr_r} ${ramdisk_addr_r}:${initrd_size} ${fdtcontroladdr}
    fi
    echo "board: the test kernel does not load"
fi
echo "board: boot entry: good"
load virtio 0:1 ${kernel_addr_r} Image-good
setenv bootargs "${args}good"
booti ${kernel_addr_r} ${ramdisk_addr_r}:${initrd_size} ${fdtcontroladdr}
reset
