// Side-cars of both forms of tables, beside fixed CSV files.
#include "tests/fuzz/table_use.h"

void fuzz(std::string_view input) {
  [[maybe_unused]] static const bool written = [] {
    fuzzing::write("t.csv", "a,b,top1,early,p,m\n1,x,80,70,10,20\n1,y,81,71,11,21\n2,x,82,72,12,22\n2,y,83,73,13,23\n");
    fuzzing::write("terms.csv", "dec_a,val_a,dec_b,val_b,weight\n-1,-1,-1,-1,80\n0,1,-1,-1,2\n0,1,1,1,-1\n");
    fuzzing::write("costs.csv", "group,v0,v1,params,macs\n0,0,0,1,2\n0,0,1,2,3\n0,1,0,3,4\n0,1,1,4,5\n");
    return true;
  }();
  fuzzing::write("t.json", input);
  fuzzing::use_table("t.json");
}
