import Testing

@testable import ReloaderService

@Suite("The pages of code that a start leaves behind")
struct ProgramPagesTests {
    @Test("Only code that comes from a file is given back: not what was written, not what no file has")
    func selection() {
        let maps = """
            55d0a0000000-55d0a0001000 r--p 00000000 fe:00 131 /usr/bin/a program
            55d0a0001000-55d0a0005000 r-xp 00001000 fe:00 131 /usr/bin/a program
            55d0a0005000-55d0a0006000 rw-p 00005000 fe:00 131 /usr/bin/a program
            7f1200000000-7f1200002000 r-xp 00000000 fe:00 132                        /usr/lib/libc.so.6
            7f1300000000-7f1300001000 r-xp 00000000 00:00 0
            7f1400000000-7f1400001000 rwxp 00000000 fe:00 133 /usr/lib/written.so
            7ffc0a7fe000-7ffc0a800000 r-xp 00000000 00:00 0                          [vdso]
            nonsense
            """
        #expect(
            ProgramPages.code(in: maps) == [0x55d0_a000_1000..<0x55d0_a000_5000, 0x7f12_0000_0000..<0x7f12_0000_2000]
        )
    }

    @Test("The program goes on after its pages were given back")
    func goesOn() {
        ProgramPages.giveBack()
        #expect(ProgramPages.code(in: "").isEmpty)
    }
}
